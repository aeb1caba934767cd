"""Addresses on this site, to which a page leads back."""

from typing import Final
from urllib.parse import urlsplit

LONGEST_PATH: Final = 500


def safe_path(text: str) -> str:
    """Return a path on this site, or "" for anything that could lead elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text[:LONGEST_PATH]
