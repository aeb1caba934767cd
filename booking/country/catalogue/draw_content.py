"""What a file of a draw holds: its own row begins it, and parts go on where it is large."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking.country.core.core import Core
from booking.country.core.published import PIECE, read_pieces
from booking.platform.models import DrawFile, DrawFilePart

PART: Final = PIECE
"""Bytes that a row holds at most of a file that is written; a multiple of the hashes of a tree."""


def parts_of(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Cut a file into what its rows hold, each with the byte at which it starts; the first one may be empty."""
    whole = memoryview(content)
    for start in range(0, max(1, len(content)), PART):
        yield start, whole[start : start + PART]


def read_content(core: Core, draw_id: UUID, name: str) -> Iterator[bytes]:
    """Yield a file piece by piece; no transaction stays open between two of them."""
    place = 0
    for piece in read_pieces(core, DrawFile.content, DrawFile.draw_id == draw_id, DrawFile.name == name):
        yield piece
        place += len(piece)
    while True:
        with core.sessions() as session:
            part = session.get(DrawFilePart, (draw_id, name, place))
        if part is None:
            return
        yield part.content
        place += len(part.content)


def content_in(session: Session, draw_id: UUID, name: str) -> bytes:
    """Return all that a file holds, or nothing where there is no such file."""
    rows = select(DrawFilePart.content).where(DrawFilePart.draw_id == draw_id, DrawFilePart.name == name)
    begin = select(DrawFile.content).where(DrawFile.draw_id == draw_id, DrawFile.name == name)
    return b"".join((*session.scalars(begin), *session.scalars(rows.order_by(DrawFilePart.start))))


def bytes_in(session: Session, draw_id: UUID, name: str, *, start: int, size: int) -> bytes:
    """Return ``size`` bytes of a file from the byte ``start`` on, which must lie in one row."""
    later = DrawFilePart.draw_id == draw_id, DrawFilePart.name == name, DrawFilePart.start <= start
    part = select(_cut(DrawFilePart.content, start - DrawFilePart.start, size)).where(*later)
    found = session.scalar(part.order_by(DrawFilePart.start.desc()).limit(1))
    if found is not None:
        return found
    own = DrawFile.draw_id == draw_id, DrawFile.name == name
    return session.scalars(select(_cut(DrawFile.content, start, size)).where(*own)).one()


def _cut(content: InstrumentedAttribute[bytes], start: int | ColumnElement[int], size: int) -> "ColumnElement[bytes]":
    return func.substring(content, cast(start + 1, Integer), size)
