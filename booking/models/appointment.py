"""Appointments: a party's claim on places in slots."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.errors import OfferLapsedError
from booking.models.base import Base, Key, Word
from booking.models.office import Office
from booking.models.request import Request
from booking.states import APPOINTMENT_MOVES, AppointmentState, Pool, checked_move


class Appointment(Base):
    """One party's claim on touching slots of one office. Life cycle: `booking.states.APPOINTMENT_MOVES`.

    An offer lapses when it is not confirmed before ``confirm_by``. A request has at most one live appointment
    (partial unique index).
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index(
            "uq_appointment_live_request",
            "request_id",
            unique=True,
            postgresql_where=text("state IN ('offered', 'confirmed', 'checked_in')"),
        ),
        Index("ix_appointment_office_start", "office_id", "starts_at"),
        Index("ix_appointment_confirm_by", "confirm_by", postgresql_where=text("state = 'offered'")),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    draw_id: Mapped[UUID | None] = mapped_column(ForeignKey("draw.id"))
    state: Mapped[AppointmentState] = mapped_column(Word(AppointmentState), default=AppointmentState.OFFERED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    confirm_by: Mapped[datetime]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    request: Mapped[Request] = relationship()
    office: Mapped[Office] = relationship(lazy="joined")
    places: Mapped[list["AppointmentPlaces"]] = relationship(cascade="all, delete-orphan")

    def confirm(self, now: datetime) -> None:
        """Keep the offered place. Raises OfferLapsedError at or after ``confirm_by``."""
        if now >= self.confirm_by:
            raise OfferLapsedError
        self.move_to(AppointmentState.CONFIRMED)
        self.confirmed_at = now

    def move_to(self, state: AppointmentState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(APPOINTMENT_MOVES, self.state, state)


class AppointmentPlaces(Base):
    """The places that an appointment takes in one slot, and from which pool."""

    __tablename__ = "appointment_places"
    __table_args__ = (CheckConstraint("places > 0", name="some"),)

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("slot.id"), primary_key=True)
    pool: Mapped[Pool] = mapped_column(Word(Pool), primary_key=True)
    places: Mapped[int] = mapped_column(SmallInteger)
