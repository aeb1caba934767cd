"""Make the two files of the pages' typeface from IBM Plex Sans Arabic: only the letters that pages show.

``uv run --with fonttools --with brotli python api/static/fonts/subset.py``. The licence (``OFL.txt``)
reserves the name Plex, so what is changed has another one.
"""
# ruff: noqa: INP001 - a program beside the files that it makes

from pathlib import Path
from typing import Final

import fontpkg_ibm_plex_sans_arabic as plex
from fontTools import subset

ARABIC: Final = [0x60C, 0x61B, 0x61F, *range(0x621, 0x63B), *range(0x640, 0x653), *range(0x660, 0x66D), 0x670, 0x671]
SORANI: Final = "پچڕژڤکگڵۆیێەھ"
KURMANJI: Final = "çêîşûÇÊÎŞÛ"
SIGNS: Final = "\u00a0«»·±×©–—‘’“”…•€\u200c\u200d\u200e\u200f←→−≤≥éü"
FEATURES: Final = ["init", "medi", "fina", "isol", "rlig", "liga", "calt", "ccmp", "mark", "mkmk", "kern", "locl"]
NAMES: Final = {1: "Mawid Sans", 3: "Mawid Sans 1", 4: "Mawid Sans", 6: "MawidSans"}


def main() -> None:
    """Write both files beside this one."""
    for weight in ("Regular", "SemiBold"):
        options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True, layout_features=FEATURES)
        options.name_IDs = [0, *NAMES, 13, 14]
        font = subset.load_font(plex.ROOT / "files" / f"IBMPlexSansArabic-{weight}.ttf", options)
        letters = subset.Subsetter(options)
        letters.populate(unicodes=[*range(0x20, 0x7F), *ARABIC, *map(ord, SORANI + KURMANJI + SIGNS)])
        letters.subset(font)
        for record in font["name"].names:
            if record.nameID in NAMES:
                record.string = NAMES[record.nameID]
        subset.save_font(font, Path(__file__).with_name(f"mawid-sans-1-{weight.lower()}.woff2"), options)


if __name__ == "__main__":
    main()
