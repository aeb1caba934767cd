"""A published file, read in pieces: the largest takes no more memory than a small one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import RawIOBase
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute
from typing_extensions import override

from booking.country.core.core import Core

PIECE: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """What is known of a file that never changes any more; ``size`` in bytes, ``pieces`` reads it."""

    name: str
    media_type: str
    size: int
    sha256: str
    pieces: Callable[[], Iterator[bytes]]


def read_pieces(
    core: Core, content: InstrumentedAttribute[bytes] | InstrumentedAttribute[bytes | None], *which: ColumnElement[bool]
) -> Iterator[bytes]:
    """Yield the content of one row, `PIECE` bytes at a time; no transaction stays open between two of them."""
    place = 1
    while True:
        with core.sessions() as session:
            piece = session.scalar(select(func.substring(content, place, PIECE)).where(*which))
        if not piece:
            return
        yield piece
        place += len(piece)


_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that an archive can state; when a file was written says nothing, and would change the bytes."""


class _Sink(RawIOBase):
    """Takes what the archive writes until it is sent; it cannot be wound back, so nothing is kept of it."""

    def __init__(self) -> None:
        self._taken = bytearray()

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, piece: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        self._taken += piece
        return len(piece)

    def drain(self) -> bytes:
        """Return what came since the last time."""
        piece = bytes(self._taken)
        self._taken.clear()
        return piece


def zipped(name: str, files: Sequence[PublishedFile], *, folder: str = "") -> PublishedFile:
    """Return files as one archive, known by the hashes of what it holds: nothing is read before it is sent.

    Parameters
    ----------
    folder
        In which they lie in the archive, with a slash at its end.
    """
    known = sha256("".join(f"{file.sha256}  {file.name}\n" for file in files).encode()).hexdigest()
    size = sum(file.size for file in files)
    return PublishedFile(name, "application/zip", size, known, lambda: _archive(folder, files))


def _archive(folder: str, files: Sequence[PublishedFile]) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for file in files:
            about = ZipInfo(f"{folder}{file.name}", _LONG_AGO)
            about.compress_type = ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            with archive.open(about, "w") as member:
                for piece in file.pieces():
                    member.write(piece)
                    yield sink.drain()
    yield sink.drain()
