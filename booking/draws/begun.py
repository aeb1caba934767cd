"""What a closing began before its process ended, undone a few thousand requests at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.draws.alone import Holder
from booking.draws.progress import AbandonedMeanwhileError
from booking.draws.turns import take_back_line, take_back_turns
from booking.models import Draw, DrawEntry, DrawTurn
from booking.models.states import DrawState

_AT_ONCE: Final = 5_000
_UNDONE: Final = ((DrawEntry, DrawEntry.leaf_index, take_back_line), (DrawTurn, DrawTurn.row, take_back_turns))
"""The line first, all of it: who is in it and has a turn too follows from the turn only then."""


@dataclass(frozen=True, slots=True)
class Ours:
    """An open draw that this process closes, and what holds the lock by which no other one does."""

    core: Core
    draw_id: UUID
    holder: Holder

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Give a transaction in which nobody gives the draw up or closes it beside us.

        Raises
        ------
        AbandonedMeanwhileError
            Somebody gave it up before, or closed it.
        sqlalchemy.exc.OperationalError
            The lock was lost: another process may have begun to close it.
        """
        with self.core.sessions.begin() as session:
            state = session.scalar(select(Draw.state).where(Draw.id == self.draw_id).with_for_update(read=True))
            if state is not DrawState.OPEN:
                raise AbandonedMeanwhileError
            self.holder.require()
            yield session


def undo(ours: Ours) -> None:
    """Undo what an earlier closing of an open draw wrote; where there was none, nothing is done."""
    for table, number, take_back in _UNDONE:
        with ours.core.sessions() as session:
            draw = session.get_one(Draw, ours.draw_id)
            last = session.scalar(select(func.max(number)).where(table.draw_id == draw.id))
        for first in range(0, 0 if last is None else last + 1, _AT_ONCE):
            with ours.begin() as session:
                take_back(session, draw, first, first + _AT_ONCE - 1)
                these = number.between(first, first + _AT_ONCE - 1)
                session.execute(delete(table).where(table.draw_id == draw.id, these))
