"""The bits of a status list, as they are sent (IETF Token Status List, section 4)."""

import zlib
from collections.abc import Iterable
from typing import Any, Final

from booking.platform.base.base64url import decoded, encoded

POSITIONS: Final = 1 << 17
"""Credentials that a list has room for: 16 KB, of which a few hundred bytes are sent while few are ended."""
_LARGEST: Final = 1 << 20


def pack_bits(ended: Iterable[int]) -> dict[str, Any]:
    """Write a list in which these positions are ended and all others are not; the lowest bit of a byte is first."""
    content = bytearray(POSITIONS // 8)
    for position in ended:
        content[position // 8] |= 1 << position % 8
    return {"bits": 1, "lst": encoded(zlib.compress(bytes(content), 9))}


def unpack_bits(packed: Any) -> bytes:
    """Read the bytes of a list of single bits; raises ValueError, also for one that would fill the memory."""
    if not isinstance(packed, dict) or packed.get("bits") != 1 or not isinstance(packed.get("lst"), str):
        raise ValueError("no list of single bits")
    reading = zlib.decompressobj()
    try:
        content = reading.decompress(decoded(packed["lst"]), _LARGEST)
    except zlib.error as error:
        raise ValueError("not compressed as it should be") from error
    if reading.unconsumed_tail or not reading.eof:
        raise ValueError("larger than any list, or cut off")
    return content


def is_set(content: bytes, position: int) -> bool:
    """Return whether a position is ended; raises ValueError for one that the list does not have."""
    if not 0 <= position < len(content) * 8:
        raise ValueError("no such position")
    return bool(content[position // 8] >> position % 8 & 1)
