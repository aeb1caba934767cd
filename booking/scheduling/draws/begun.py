"""What a closing began before its process ended, undone a few thousand requests at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, Final, ParamSpec
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking.country.core.core import Core
from booking.platform.models import Draw, DrawEntry, DrawTurn
from booking.platform.models.states import DrawState
from booking.scheduling.draws.alone import Holder
from booking.scheduling.draws.beside import tried_again
from booking.scheduling.draws.progress import AbandonedMeanwhileError
from booking.scheduling.draws.turns import take_back_line, take_back_turns

Parts = ParamSpec("Parts")

_AT_ONCE: Final = 5_000
_NO_WAIT: Final = text("SET LOCAL synchronous_commit = off")


@dataclass(frozen=True, slots=True)
class _Undone:
    """Rows of a table that are taken back, by their number."""

    table: type[DrawEntry | DrawTurn]
    number: InstrumentedAttribute[int]
    take_back: Callable[[Session, Draw, int, int], None]


_UNDONE: Final = (
    _Undone(DrawEntry, DrawEntry.leaf_index, take_back_line),
    _Undone(DrawTurn, DrawTurn.row, take_back_turns),
)
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

        Its commit waits for no disk. What it writes counts once the draw is stated, and that commit waits for all that
        was written before it; what a database that falls has lost until then is of a draw that is open.

        Raises
        ------
        AbandonedMeanwhileError
            Somebody gave it up before, or closed it.
        sqlalchemy.exc.OperationalError
            The lock was lost: another process may have begun to close it.
        """
        with self.core.sessions.begin() as session:
            session.execute(_NO_WAIT)
            state = session.scalar(select(Draw.state).where(Draw.id == self.draw_id).with_for_update(read=True))
            if state is not DrawState.OPEN:
                raise AbandonedMeanwhileError
            self.holder.require()
            yield session

    def do(self, step: Callable[Concatenate[Session, Parts], None], *parts: Parts.args, **more: Parts.kwargs) -> None:
        """Do a step in a transaction of its own, as `begin`, and that one again where it waited in vain for a lock."""

        def once() -> None:
            with self.begin() as session:
                step(session, *parts, **more)

        tried_again(once)


def undo(ours: Ours) -> None:
    """Undo what an earlier closing of an open draw wrote; where there was none, nothing is done."""
    for step in _UNDONE:
        with ours.core.sessions() as session:
            draw = session.get_one(Draw, ours.draw_id)
            last = session.scalar(select(func.max(step.number)).where(step.table.draw_id == draw.id))
        for first in range(0, 0 if last is None else last + 1, _AT_ONCE):
            ours.do(_undo_some, draw, step, first)


def _undo_some(session: Session, draw: Draw, step: _Undone, first: int) -> None:
    last = first + _AT_ONCE - 1
    step.take_back(session, draw, first, last)
    session.execute(delete(step.table).where(step.table.draw_id == draw.id, step.number.between(first, last)))
