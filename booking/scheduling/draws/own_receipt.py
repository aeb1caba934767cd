"""A person's own file about a draw: with it they find their row, and check their number and place, without us."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from allocation.lottery import HASH_BYTES
from booking.country.catalogue.views import bytes_in, read_content
from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Draw, DrawEntry, Request
from booking.platform.models.states import DrawState
from booking.scheduling.draws.announce import PLACES
from booking.scheduling.draws.files import LARGEST_INFLATED, PLAN, REQUESTS
from booking.scheduling.draws.format2.kept import read_request
from booking.scheduling.draws.format2.own_receipt import OwnPlace, own_place, write_own_receipt
from booking.scheduling.draws.format2.tables import LineRow
from booking.scheduling.draws.formats import inflated_pieces, integer, integers, line_at
from booking.transparency.log.proving import proof_of

_CLOSED: Final = (DrawState.CLOSED, DrawState.DRAWN, DrawState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A person's file, under the name by which it is kept."""

    name: str
    content: bytes


def own_receipt(core: Core, *, account_id: UUID, reference: str) -> OwnFile:
    """Return the file of a request about the last draw that it took part in, for its owner alone.

    The files of the draw are read piece by piece, and up to the request's own line: of a nation each has some hundred
    megabytes, and whoever asks for theirs costs the process no more than a piece.

    Raises
    ------
    NotFoundError
        The account has no such request, or it took part in no draw of this format.
    """
    with core.sessions() as session:
        row = session.execute(
            select(Draw, DrawEntry)
            .join(DrawEntry, DrawEntry.draw_id == Draw.id)
            .join(Request, Request.id == DrawEntry.request_id)
            .where(Request.reference == reference, Request.account_id == account_id)
            .where(Draw.format > 1, Draw.state.in_(_CLOSED))
            .order_by(Draw.closes_at.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFoundError
        draw, entry = row
    line = LineRow(entry.person_draw_id, entry.priority, b"", None)
    entrant = read_request(_asked(core, draw, entry), line, draw.reference)
    place = None if draw.state is DrawState.CLOSED else _place(core, draw, entry)
    proof = proof_of(core, "receipt", entrant.asked().hex())  # of the wish that was drawn: it may be edited since
    content = write_own_receipt(
        entrant, draw.reference, entry.leaf_index, log_proof=str(proof) if proof else None, place=place
    )
    return OwnFile(f"mawid-receipt-{reference}.json", content)


def _asked(core: Core, draw: Draw, entry: DrawEntry) -> bytes:
    pieces = read_content(core, draw.id, REQUESTS)
    lines = inflated_pieces(pieces, zlib.MAX_WBITS | 16, most=LARGEST_INFLATED, name=REQUESTS)
    return line_at(lines, entry.leaf_index, REQUESTS)


def _place(core: Core, draw: Draw, entry: DrawEntry) -> OwnPlace:
    """Return where a party sits, and the hashes that lead from there to the root over all places."""
    row = line_at(read_content(core, draw.id, PLAN), entry.leaf_index + 1, PLAN).decode().split(",")
    number, seat = (0, ()) if not row[2] else (integer(row[2]), tuple((integer(row[3]), n) for n in integers(row[4])))
    with core.sessions() as session:
        size = session.scalars(select(func.count()).where(DrawEntry.draw_id == draw.id)).one()
        nodes = _siblings(entry.leaf_index, size)
        path = [bytes_in(session, draw.id, PLACES, start=node * HASH_BYTES, size=HASH_BYTES) for node in nodes]
    return own_place(number, seat, path)


def _siblings(leaf: int, size: int) -> Iterator[int]:
    """Yield which hashes of `PLACES` stand beside the path of a leaf, from its sibling up."""
    begin = 0
    while size > 1:
        if leaf ^ 1 < size:
            yield begin + (leaf ^ 1)
        begin, leaf, size = begin + size, leaf >> 1, (size + 1) >> 1
