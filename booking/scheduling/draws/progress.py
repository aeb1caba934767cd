"""How far a process is with a draw, for who watches: kept in transactions of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import Draw, DrawPhase, DrawProgress
from booking.platform.models.states import DrawState

CLOSES: Final[Mapping[DrawPhase, float]] = {
    DrawPhase.READING: 0.37,
    DrawPhase.KEEPING: 0.01,
    DrawPhase.BINDING: 0.57,
    DrawPhase.CHECKING: 0.05,
}
DRAWS: Final[Mapping[DrawPhase, float]] = {
    DrawPhase.OPENING: 0.2,
    DrawPhase.DRAWING: 0.35,
    DrawPhase.WRITING: 0.2,
    DrawPhase.APPLYING: 0.25,
}
"""The shares of time that the phases of a large draw take, measured."""
_EVERY_SECONDS: Final = 1.0
_LEAST_SHARE: Final = 0.02
"""Of less nothing is concluded about the whole."""


class AbandonedMeanwhileError(Exception):
    """Somebody gave the draw up while it was being closed or drawn: the rest is left undone."""


def mark(session: Session, draw: Draw, at: datetime) -> None:
    """Mark an open draw as being closed, in the caller's transaction."""
    session.execute(_entering(draw.id, DrawPhase.READING, 0, at))


class Progress:
    """Tells how far a process is with a draw, and stops it where the draw was given up.

    Raises
    ------
    AbandonedMeanwhileError
        The draw was given up; raised by what begins a phase and by what goes on in one, at most a second later.
    """

    def __init__(self, core: Core, draw_id: UUID) -> None:
        self._core, self._draw_id = core, draw_id
        self._next = 0.0

    def begin(self, phase: DrawPhase, of: int = 0) -> None:
        """Enter a phase that goes over so many requests; 0 where nobody knows."""
        with self._core.sessions.begin() as session:
            session.execute(_entering(self._draw_id, phase, of, self._core.clock.now()))
        self._stop_where_abandoned()

    def tell(self, done: int) -> None:
        """Say how many requests are done, at most once a second."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + _EVERY_SECONDS
        with self._core.sessions.begin() as session:
            session.execute(update(DrawProgress).where(DrawProgress.draw_id == self._draw_id).values(done=done))
        self._stop_where_abandoned()

    def slices(self, total: int, size: int) -> Iterator[tuple[int, int]]:
        """Yield first and last number of each run of so many, and tell of it."""
        for first in range(0, total, size):
            self.tell(first)
            yield first, min(first + size, total) - 1

    def _stop_where_abandoned(self) -> None:
        with self._core.sessions.begin() as session:
            draw = session.get_one(Draw, self._draw_id)
            if draw.state is DrawState.ABANDONED:
                end_progress(session, draw)  # a phase may have begun since
        if draw.state is DrawState.ABANDONED:
            raise AbandonedMeanwhileError


def _entering(draw_id: UUID, phase: DrawPhase, of: int, at: datetime) -> Insert:
    fresh = {"phase": phase, "done": 0, "of": of, "phase_at": at}
    row = insert(DrawProgress).values(draw_id=draw_id, began_at=at, **fresh)
    begins = {"began_at": at} if phase in {next(iter(CLOSES)), next(iter(DRAWS))} else {}
    return row.on_conflict_do_update(index_elements=[DrawProgress.draw_id], set_=fresh | begins)


def end_progress(session: Session, draw: Draw) -> int:
    """Forget how far a draw was: its step is done. Return how many requests had left when its result was given out."""
    gone = delete(DrawProgress).where(DrawProgress.draw_id == draw.id).returning(DrawProgress.left_meanwhile)
    return session.scalar(gone) or 0


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far a draw is. ``share`` of its step, 0 to 1; ``ends_at``: when that is done, None where nobody can say."""

    reference: str
    phase: DrawPhase
    done: int
    of: int
    began_at: datetime
    share: float
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A result that is being given out: how many requests have theirs, of how many."""

    done: int
    of: int


def find_given_out(core: Core, draw: Draw) -> GivenOut | None:
    """Return how many requests have what a draw decided, while that is being given out; None before and after."""
    if draw.state is not DrawState.CLOSED or draw.drawn_at is None:
        return None
    with core.sessions() as session:
        row = session.get(DrawProgress, draw.id)
    return None if row is None else GivenOut(row.done, row.of)


def list_progress(core: Core) -> list[HowFar]:
    """List the draws that are being closed or drawn, or were when their process ended."""
    with core.sessions() as session:
        rows = session.execute(
            select(Draw.reference, DrawProgress)
            .join(DrawProgress, DrawProgress.draw_id == Draw.id)
            .where(Draw.state.in_([DrawState.OPEN, DrawState.CLOSED]))
            .order_by(Draw.closes_at)
        ).all()
    return [_how_far(reference, row, core.clock.now()) for reference, row in rows]


def _how_far(reference: str, row: DrawProgress, now: datetime) -> HowFar:
    shares = CLOSES if row.phase in CLOSES else DRAWS
    before = sum(share for phase, share in shares.items() if list(shares).index(phase) < list(shares).index(row.phase))
    share = before + shares[row.phase] * (row.done / row.of if row.of else 0)
    ends_at = row.began_at + (now - row.began_at) / share if share >= _LEAST_SHARE else None
    return HowFar(reference, row.phase, row.done, row.of, row.began_at, share, ends_at)
