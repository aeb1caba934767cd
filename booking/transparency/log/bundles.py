"""Entries in bundles of 256, as a log serves them and its copies keep them (C2SP tlog-tiles)."""

from collections.abc import Iterable
from typing import Final

from booking.transparency.log.notes import NoteError

BUNDLE: Final = 256
_LENGTH_BYTES: Final = 2


def number_path(number: int, width: int) -> str:
    """Return the end of the address of a bundle or tile; ``width`` of 256 is full."""
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return name + (f".p/{width}" if width < BUNDLE else "")


def bundle_path(number: int, width: int) -> str:
    """Return where a bundle of entries is, below the log's address or a copy's folder; ``width`` of 256 is full."""
    return f"tile/entries/{number_path(number, width)}"


def write_bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries one after the other, each behind its length."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def read_bundle(content: bytes) -> list[bytes]:
    """Read a bundle of entries.

    Raises
    ------
    NoteError
        It is cut off, or has more entries than a bundle can.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(content):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(content[at:begin], "big")
        if end > len(content) or len(entries) == BUNDLE:
            raise NoteError("the bundle of entries is cut off, or too long")
        entries.append(content[begin:end])
        at = end
    return entries
