"""What a closing began before its process ended, undone a few thousand requests at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.draws.progress import AbandonedMeanwhileError
from booking.draws.turns import take_back
from booking.models import Draw, DrawEntry, DrawTurn, Request
from booking.models.states import DrawState

_AT_ONCE: Final = 5_000


def undo(core: Core, draw: Draw) -> None:
    """Undo what an earlier closing of an open draw wrote; where there was none, nothing is done."""
    with core.sessions() as session:
        ends = [
            session.scalar(select(func.max(column)).where(table.draw_id == draw.id))
            for table, column in ((DrawEntry, DrawEntry.leaf_index), (DrawTurn, DrawTurn.row))
        ]
    last = max((end for end in ends if end is not None), default=-1)
    for first in range(0, last + 1, _AT_ONCE):
        with still_open(core, draw) as session:
            take_back(session, draw, first, first + _AT_ONCE - 1)
    if last >= 0:
        with still_open(core, draw) as session:
            session.execute(update(Request).where(Request.draw_id == draw.id).values(draw_id=None))
            for table in (DrawEntry, DrawTurn):
                session.execute(delete(table).where(table.draw_id == draw.id))


@contextmanager
def still_open(core: Core, draw: Draw) -> Iterator[Session]:
    """Give a transaction in which nobody gives the draw up.

    Raises
    ------
    AbandonedMeanwhileError
        Somebody did before.
    """
    with core.sessions.begin() as session:
        state = session.scalar(select(Draw.state).where(Draw.id == draw.id).with_for_update(read=True))
        if state is not DrawState.OPEN:
            raise AbandonedMeanwhileError
        yield session
