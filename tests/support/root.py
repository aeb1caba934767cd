"""Where the repository begins; the one place that knows how deep the tests lie in it."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
