"""Holders of appointments who would rather have another one: their wishes, and the nights that exchange places."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word, real_times
from booking.platform.models.states import checked_move


class SwapState(StrEnum):
    """Where a night of the exchange stands."""

    ANNOUNCED = "announced"
    CLOSED = "closed"
    DONE = "done"
    ABANDONED = "abandoned"
    """It could not be decided in time: everybody keeps what they have, and every wish waits for the next night."""


SWAP_MOVES: Final[Mapping[SwapState, frozenset[SwapState]]] = {
    SwapState.ANNOUNCED: frozenset({SwapState.CLOSED, SwapState.ABANDONED}),
    SwapState.CLOSED: frozenset({SwapState.DONE, SwapState.ABANDONED}),
}


class SwapOutcome(StrEnum):
    """What a night brought to somebody who took part."""

    KEPT = "kept"
    """Nothing that they wished for was free for them: they have the place that they had."""
    MOVED = "moved"
    LEFT = "left"
    """Their appointment ended or was another one when the night was decided."""
    NO_PLACE = "no_place"
    """The place that they were to get was gone by then, one of both days too near, or what they were to move by was
    changed meanwhile: they have what they had."""


class SwapNight(Base):
    """One night of the exchange. Life cycle: `SWAP_MOVES`.

    ``seed`` stays encrypted in ``seed_ciphertext`` until the night is done. ``inputs`` and ``result`` are the files
    that everyone reads then. ``places``: which places stood behind their numbers. ``beacon`` are the announced terms
    of the beacon whose value decides with the seed; ``waits_for`` is as in `Draw`. ``beacon_signature`` is kept before
    anybody moves: a closed night that has it is `decided`, and is given out. ``looked_at``: when it was last found
    damaged.
    """

    __tablename__ = "swap_night"
    __table_args__ = (
        CheckConstraint("(state = 'done') = (seed IS NOT NULL)", name="seed_secret_until_done"),
        real_times("announced_at", "closes_at", "closed_at", "done_at", "looked_at"),
        Index("ix_swap_night_closes", "closes_at"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(24), unique=True)
    state: Mapped[SwapState] = mapped_column(Word(SwapState), default=SwapState.ANNOUNCED)
    announced_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    seed_commitment: Mapped[bytes] = mapped_column(LargeBinary)
    seed_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    beacon: Mapped[Json]
    beacon_signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    waits_for: Mapped[str | None] = mapped_column(String(24))
    looked_at: Mapped[datetime | None]
    inputs: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    places: Mapped[Json] = mapped_column(default=dict, deferred=True)
    figures: Mapped[Json] = mapped_column(default=dict)

    @property
    def decided(self) -> bool:
        """Whether who gets what is fixed: somebody may have moved, so the night is not given up any more."""
        return self.state is SwapState.CLOSED and self.beacon_signature is not None

    def move_to(self, state: SwapState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(SWAP_MOVES, self.state, state)


class SwapWish(Base):
    """What the holder of an appointment would rather have: office, days and times in each of ``choices``, best first.

    The appointment stays theirs until something of it is found. While ``night_id`` is set a night counts on the wish
    as it is. The row goes when its owner takes it back, gets a wish, or the appointment is too near or over.

    ``nonce`` and ``receipt`` are made by the database, anew for each other wish; it says in the public log which
    receipt there is, what takes its place, and that a wish ended (`booking.scheduling.swaps.wish`).
    """

    __tablename__ = "swap_wish"
    __table_args__ = (real_times("made_at"),)

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    choices: Mapped[list[Json]]
    made_at: Mapped[datetime]
    night_id: Mapped[UUID | None] = mapped_column(ForeignKey("swap_night.id"), index=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue(), server_onupdate=FetchedValue())
    receipt: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue(), server_onupdate=FetchedValue())


class SwapEntry(Base):
    """Somebody's part in a night: their number among those of a size, the place they had, what it brought.

    ``person_draw_id``: the appointment's pseudonym of that night. ``places``: slots with their units. An ``outcome``
    that is said never changes. ``moved_at``: when exactly they moved. ``wish``: what its receipt covers, with its
    nonce; None where a version before receipts closed the night.
    """

    __tablename__ = "swap_entry"
    __table_args__ = (
        Index("ix_swap_entry_left", "from_office_id", "from_starts_at", postgresql_where=text("outcome = 'moved'")),
        real_times("from_starts_at", "to_starts_at", "moved_at"),
    )

    night_id: Mapped[UUID] = mapped_column(ForeignKey("swap_night.id"), primary_key=True)
    units: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), index=True)
    person_draw_id: Mapped[bytes] = mapped_column(LargeBinary)
    places: Mapped[list[Any]]
    outcome: Mapped[SwapOutcome | None] = mapped_column(Word(SwapOutcome))
    from_office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    from_starts_at: Mapped[datetime]
    to_office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    to_starts_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    wish: Mapped[Json | None]
