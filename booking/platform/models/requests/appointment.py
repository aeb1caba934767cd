"""Appointments: places of a party in slots, when they were moved, and how they ended."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    func,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.base.errors import IllegalMoveError, OfferLapsedError
from booking.platform.models.base import THIS_TRANSACTION, Base, Key, Word, held_by_triggers
from booking.platform.models.offices.office import AppointmentMove, Office
from booking.platform.models.requests.request import Request
from booking.platform.models.requests.swap import SwapEntry, SwapNight, SwapOutcome
from booking.platform.models.states import (
    APPOINTMENT_MOVES,
    CORRECTIONS,
    LIVE_APPOINTMENT_STATES,
    AppointmentState,
    Pool,
    checked_move,
)


class Appointment(Base):
    """One party's claim on touching slots of one office. Life cycle: `APPOINTMENT_MOVES`.

    An offer lapses when it is not confirmed before ``confirm_by``. A request has at most one live appointment
    (partial unique index). From check-in on the party has a ``hall_number`` and is called to a ``counter``;
    ``priority``: the law puts them first (not why); ``not_before``: called in vain, not again before.
    How it ends is kept apart as well, in an `Outcome`.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        held_by_triggers("request_id", "request.id"),
        held_by_triggers("office_id", "office.id"),
        held_by_triggers("draw_id", "draw.id"),
        Index(
            "uq_appointment_live_request",
            "request_id",
            unique=True,
            postgresql_where=text("state IN ('offered', 'confirmed', 'checked_in')"),
        ),
        Index("ix_appointment_request", "request_id", "created_at"),
        Index(
            "ix_appointment_urgent_request_id",
            "urgent_request_id",
            postgresql_where=text("urgent_request_id IS NOT NULL"),
        ),
        Index("ix_appointment_office_start", "office_id", "starts_at"),
        Index("ix_appointment_confirmed_end", "ends_at", postgresql_where=text("state = 'confirmed'")),
        Index("ix_appointment_checked_in", "ends_at", postgresql_where=text("state = 'checked_in'")),
        Index("ix_appointment_priority", "starts_at", postgresql_where=text("priority")),
        Index("ix_appointment_confirm_by", "confirm_by", postgresql_where=text("state = 'offered'")),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    request_id: Mapped[UUID]
    office_id: Mapped[int]
    draw_id: Mapped[UUID | None]
    urgent_request_id: Mapped[UUID | None] = mapped_column(ForeignKey("urgent_request.id"))
    state: Mapped[AppointmentState] = mapped_column(Word(AppointmentState), default=AppointmentState.OFFERED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    confirm_by: Mapped[datetime]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    hall_number: Mapped[int | None] = mapped_column(SmallInteger)
    priority: Mapped[bool] = mapped_column(default=False, server_default="false")
    not_before: Mapped[datetime | None]
    counter: Mapped[int | None] = mapped_column(SmallInteger)
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    reminded_early_at: Mapped[datetime | None]

    request: Mapped[Request] = relationship()
    office: Mapped[Office] = relationship(lazy="joined")
    places: Mapped[list["AppointmentPlaces"]] = relationship(cascade="all, delete-orphan")
    outcome: Mapped["Outcome | None"] = relationship(cascade="all, delete-orphan")

    def confirm(self, now: datetime) -> None:
        """Keep the offered place. Raises OfferLapsedError at or after ``confirm_by``."""
        if now >= self.confirm_by:
            raise OfferLapsedError
        self.move_to(AppointmentState.CONFIRMED)
        self.confirmed_at = now

    def check_in(self, now: datetime, hall_number: int) -> None:
        """Keep that the party is here, with its number in the hall; raises IllegalMoveError."""
        self.move_to(AppointmentState.CHECKED_IN)
        self.checked_in_at, self.hall_number = now, hall_number

    def undo_check_in(self) -> None:
        """Keep that others stood there; raises IllegalMoveError where nobody is checked in."""
        if self.state is not AppointmentState.CHECKED_IN:
            raise IllegalMoveError(self.state, AppointmentState.CONFIRMED)
        self.move_to(AppointmentState.CONFIRMED)
        self.checked_in_at = self.called_at = self.not_before = None
        self.hall_number = self.counter = None
        self.priority = False

    def move_to(self, state: AppointmentState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError. A final state is reached by ``end``."""
        if state not in LIVE_APPOINTMENT_STATES:
            raise IllegalMoveError(self.state, state)
        self.state = checked_move(APPOINTMENT_MOVES, self.state, state)

    def end(self, state: AppointmentState, at: datetime) -> None:
        """Make the last move of the life cycle and keep it as history; raises IllegalMoveError."""
        if state in LIVE_APPOINTMENT_STATES:
            raise IllegalMoveError(self.state, state)
        self._leave(state, at)
        request = self.request
        self.outcome = Outcome(
            request_id=request.id,
            account_id=request.account_id,
            device_hash=request.device_hash,
            phone_hash=request.phone_hash,
            kind=state,
            at=at,
        )

    def leave_unserved(self, at: datetime) -> None:
        """End it though its people came: that says nothing about them, so no `Outcome` is kept."""
        self._leave(AppointmentState.UNSERVED, at)

    def lapse_unknown(self, at: datetime) -> None:
        """Let it lapse though nobody was told of it: that says nothing about its people, so no `Outcome` is kept."""
        self._leave(AppointmentState.LAPSED, at)

    def cancel_without_outcome(self, at: datetime) -> None:
        """Cancel it for another one of its people, or as its people did not choose: nothing is kept against them."""
        self._leave(AppointmentState.CANCELLED, at)

    def _leave(self, state: AppointmentState, at: datetime) -> None:
        self.state = checked_move(APPOINTMENT_MOVES, self.state, state)
        self.ended_at = at

    def correct(self, *, at: datetime, officer_id: UUID, reason: str) -> "OutcomeCorrection":
        """Put right whether anybody came: to the other of served and no-show. The outcome itself stays as it was.

        Raises
        ------
        IllegalMoveError
            The appointment ended in another way, or not yet.
        """
        if self.state not in CORRECTIONS:
            raise IllegalMoveError(self.state, AppointmentState.SERVED)
        self.state = CORRECTIONS[self.state]
        return OutcomeCorrection(appointment_id=self.id, kind=self.state, at=at, account_id=officer_id, reason=reason)


class Outcome(Base):
    """How an appointment ended: written once and never changed, for the facts that count the past.

    Account, device and phone are those of the request. For ``transaction`` see `Request`.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        Index("ix_outcome_account", "account_id", "at"),
        Index("ix_outcome_device", "device_hash", "at"),
        Index("ix_outcome_phone", "phone_hash", "at"),
    )

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    device_hash: Mapped[bytes] = mapped_column(LargeBinary)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[AppointmentState] = mapped_column(Word(AppointmentState))
    at: Mapped[datetime]
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=THIS_TRANSACTION)


class OutcomeCorrection(Base):
    """That an appointment ended otherwise than was known: appended, never changed or removed (triggers).

    What was counted before ``at``, or by a transaction that could not see this one, knew the earlier kind; so every
    verdict can be repeated as it was. See `booking.platform.models.requests.appointment`.
    """

    __tablename__ = "outcome_correction"
    __table_args__ = (
        Index("ix_outcome_correction_appointment", "appointment_id", "at"),
        CheckConstraint("kind IN ('served', 'no_show')", name="attendance"),
    )

    id: Mapped[Key]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("outcome.appointment_id"))
    kind: Mapped[AppointmentState] = mapped_column(Word(AppointmentState))
    at: Mapped[datetime]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(500))
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=THIS_TRANSACTION)


class AppointmentPlaces(Base):
    """The places that an appointment takes in one slot, and from which pool.

    Places of the urgent pool need an approved `booking.platform.models.requests.urgent.UrgentRequest`: triggers look at
    commit.
    """

    __tablename__ = "appointment_places"
    __table_args__ = (
        held_by_triggers("appointment_id", "appointment.id"),
        held_by_triggers("slot_id", "slot.id"),
        CheckConstraint("places > 0", name="some"),
    )

    appointment_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    pool: Mapped[Pool] = mapped_column(Word(Pool), primary_key=True)
    places: Mapped[int] = mapped_column(SmallInteger)


MOVED = union_all(
    select(
        AppointmentMove.appointment_id,
        AppointmentMove.from_office_id,
        AppointmentMove.from_starts_at,
        AppointmentMove.made_at,
    ),
    select(
        SwapEntry.appointment_id,
        SwapEntry.from_office_id,
        SwapEntry.from_starts_at,
        func.coalesce(SwapEntry.moved_at, SwapNight.done_at, func.now()),
    )
    .join(SwapNight, SwapNight.id == SwapEntry.night_id)
    .where(SwapEntry.outcome == SwapOutcome.MOVED),
).subquery("moved")
"""A row for each move: ``appointment_id``, ``from_office_id``, ``from_starts_at`` and ``made_at``.

``made_at`` is never before the move. Of moves of the exchange before it was kept it is the end of their night.
"""


def kind_as_of(outcome: str, instant: str) -> str:
    """Write the SQL expression of how it ended: the outcome, or the latest correction before then.

    Parameters
    ----------
    outcome
        The alias of table ``outcome`` in the statement.
    instant
        An expression for the instant; what was corrected at or after it was not known yet.
    """
    return f"""coalesce((
        SELECT correction.kind FROM outcome_correction correction
        WHERE correction.appointment_id = {outcome}.appointment_id AND correction.at < {instant}
        ORDER BY correction.at DESC, correction.transaction DESC LIMIT 1
    ), {outcome}.kind)"""  # noqa: S608 - our own words


def drawn(appointment: str) -> str:
    """Write the SQL expression for whether a draw gave the place, or one that was changed for it in one step.

    Whoever changes the time of a place that was booked at once takes no turn of a draw along. OFFSET 0 keeps it a
    lookup by key.

    Parameters
    ----------
    appointment
        The alias of table ``appointment`` in the statement, with its request_id, draw_id and urgent_request_id.
    """
    return f"""({appointment}.draw_id IS NOT NULL OR {appointment}.urgent_request_id IS NULL AND EXISTS (
        SELECT FROM request AS changed WHERE changed.id = {appointment}.request_id
            AND changed.reschedules > 0 AND changed.link_draw IS NOT NULL OFFSET 0
    ))"""
