"""A published file, read in pieces: the largest takes no more memory than a small one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

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
