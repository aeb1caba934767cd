"""Observers of draws: organisations with a key, named by two administrators."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.states import checked_move


class ObserverState(StrEnum):
    """Where an organisation stands that was proposed as an observer."""

    PROPOSED = "proposed"
    NAMED = "named"
    REFUSED = "refused"
    EXPIRED = "expired"
    ENDED = "ended"


_S = ObserverState
OBSERVER_MOVES: Final[Mapping[ObserverState, frozenset[ObserverState]]] = {
    _S.PROPOSED: frozenset({_S.NAMED, _S.REFUSED, _S.EXPIRED}),
    _S.NAMED: frozenset({_S.ENDED}),
    _S.REFUSED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.ENDED: frozenset(),
}

_LIVE: Final = text("state IN ('proposed', 'named')")


class Observer(Base):
    """An organisation that may read every file of a draw, such as a court, a party or a newspaper.

    ``name`` is that of its key in the public log, ``organisation`` how people call it, ``public_key`` an Ed25519 key
    whose private part we never had. ``until`` is when its right ends by itself, empty for no such day. Triggers keep
    everything as it was proposed and demand that another person agrees. Life cycle: `OBSERVER_MOVES`.
    """

    __tablename__ = "observer"
    __table_args__ = (
        Index("uq_observer_name_live", "name", unique=True, postgresql_where=_LIVE),
        Index("uq_observer_key_live", "public_key", unique=True, postgresql_where=_LIVE),
        CheckConstraint("octet_length(public_key) = 32", name="key"),
        CheckConstraint(
            "(state IN ('named', 'refused', 'ended')) = (decided_by IS NOT NULL)"
            " AND (state = 'proposed') = (decided_at IS NULL)",
            name="decided_whole",
        ),
        CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL) AND (ended_by IS NULL) = (ended_because IS NULL)"
            " AND (state = 'ended' OR ended_by IS NULL)",
            name="ended_whole",
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(40))
    organisation: Mapped[str] = mapped_column(String(120))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[ObserverState] = mapped_column(Word(ObserverState), default=ObserverState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(2000))

    def state_at(self, now: datetime) -> ObserverState:
        """Return where it stands at a moment: what waited for too long is over, written down as such or not."""
        if self.state is ObserverState.PROPOSED and now >= self.expires_at:
            return ObserverState.EXPIRED
        if self.state is ObserverState.NAMED and self.until is not None and now >= self.until:
            return ObserverState.ENDED
        return self.state

    def decide(self, state: ObserverState, *, at: datetime, by: UUID) -> None:
        """Name or refuse what was proposed; raises IllegalMoveError."""
        self.state = checked_move(OBSERVER_MOVES, self.state, state)
        self.decided_at, self.decided_by = at, by

    def end(self, *, at: datetime, by: UUID, because: str) -> None:
        """End a named observer's right; raises IllegalMoveError."""
        self.state = checked_move(OBSERVER_MOVES, self.state, ObserverState.ENDED)
        self.ended_at, self.ended_by, self.ended_because = at, by, because

    def lapse(self, *, at: datetime) -> None:
        """Let what nobody ends any more be over by itself: a proposal, or an observer whose last day is over."""
        if self.state is ObserverState.PROPOSED:
            self.state, self.decided_at = checked_move(OBSERVER_MOVES, self.state, ObserverState.EXPIRED), at
        else:
            self.state, self.ended_at = checked_move(OBSERVER_MOVES, self.state, ObserverState.ENDED), at
