"""Bytes as text for addresses and signed texts: base64url without padding (RFC 7515, section 2), in one way only."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*")


def encoded(content: bytes) -> str:
    """Write bytes in base64url without padding."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Read base64url without padding; raises ValueError, also where the same bytes are written in another way."""
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if not _TEXT.fullmatch(text) or encoded(content) != text:
        raise ValueError("no base64url, or not as it is written")
    return content
