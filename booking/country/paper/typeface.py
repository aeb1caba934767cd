"""The typeface of papers and charts, which lies beside this file as its makers published it, with its licence."""

from pathlib import Path
from typing import Final

FAMILY: Final = "IBM Plex Sans Arabic"
FOLDER: Final = Path(__file__).parent / "fonts"
"""Version 1.101, in regular, semi-bold and bold; ``OFL.txt`` is the licence (SIL Open Font License 1.1)."""
REGULAR: Final = FOLDER / "IBMPlexSansArabic-Regular.ttf"
SEMIBOLD: Final = FOLDER / "IBMPlexSansArabic-SemiBold.ttf"
BOLD: Final = FOLDER / "IBMPlexSansArabic-Bold.ttf"
