"""The public log, the rounds of the beacon, and observers of draws."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.states import checked_move


class LogPending(Base):
    """What happened and is not in the log yet; it leaves only into it. ``key`` names it among those of its kind."""

    __tablename__ = "log_pending"
    __table_args__ = (UniqueConstraint("kind", "key"), CheckConstraint("length(body) <= 65535", name="short"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class LogEntry(Base):
    """An entry of the log: ``body`` is what is hashed. Indices count from 0 without a gap."""

    __tablename__ = "log_entry"
    __table_args__ = (UniqueConstraint("kind", "key"), CheckConstraint("length(body) <= 65535", name="short"))

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class LogTile(Base):
    """A full tile: 256 hashes of a level of the tree (each over 256^level entries), and the root over them."""

    __tablename__ = "log_tile"
    __table_args__ = (CheckConstraint("length(hashes) = 8192", name="full"),)

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpoint(Base):
    """What the log signed about its first ``size`` entries."""

    __tablename__ = "log_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LogCosignature(Base):
    """A witness's first signature of a checkpoint; ``at`` is the time that it signed."""

    __tablename__ = "log_cosignature"

    size: Mapped[int] = mapped_column(BigInteger, ForeignKey("log_checkpoint.size"), primary_key=True)
    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LogWitness(Base):
    """What a witness signed last, and what it refused last, in its words."""

    __tablename__ = "log_witness"

    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_size: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[datetime | None]
    refused_size: Mapped[int | None] = mapped_column(BigInteger)
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(String(300))


class LogHold(Base):
    """Since when the log of a restored backup waits for what it lacks: nothing is added or signed meanwhile."""

    __tablename__ = "log_hold"

    since: Mapped[datetime] = mapped_column(primary_key=True)


class BeaconRound(Base):
    """A signature that is awaited: the ``message`` under the ``key`` that makes or made it.

    ``kind`` is what it decides: ``statement`` (a draw) or ``audit`` (the sample of one), both by the ``sha256`` of an
    entry of the log, or ``drand`` (a round that was carried in, without a hash).
    """

    __tablename__ = "beacon_round"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    message: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]


class BeaconPart(Base):
    """The part of the witness with an index, checked before it was stored; index 0 is the whole signature."""

    __tablename__ = "beacon_part"
    __table_args__ = (ForeignKeyConstraint(["key", "message"], ["beacon_round.key", "beacon_round.message"]),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    message: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    index: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


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
