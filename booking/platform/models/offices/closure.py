"""A day on which an office closes, or has fewer counters, and where its people go."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.offices.office import Office
from booking.platform.models.states import CLOSURE_MOVES, ClosureState, checked_move


class Closure(Base):
    """A supervisor's wish that an office-day has ``counters`` counters only; 0 closes it.

    Life cycle: `CLOSURE_MOVES`. ``plan`` is what the supervisor saw: a row for each party that has to
    go, with its seat or none; it is made by a job, for the solver is too heavy for a web process. An office-day has at
    most one closure that is not over (partial unique index).
    """

    __tablename__ = "closure"
    __table_args__ = (
        Index(
            "uq_closure_open",
            "office_id",
            "local_day",
            unique=True,
            postgresql_where=text("state IN ('asked', 'planned')"),
        ),
        CheckConstraint("counters >= 0", name="counters"),
    )

    id: Mapped[Key]
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    local_day: Mapped[date]
    counters: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[ClosureState] = mapped_column(Word(ClosureState), default=ClosureState.ASKED)
    plan: Mapped[list[Any]] = mapped_column(default=list)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    office: Mapped[Office] = relationship(lazy="joined")

    def move_to(self, state: ClosureState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(CLOSURE_MOVES, self.state, state)


class AppointmentMove(Base):
    """That an appointment was moved by its office: from where, and to where; empty where it went into the next draw.

    The appointment stays the same, with its reference and its pass. The move can be refused until ``refuse_by``.
    """

    __tablename__ = "appointment_move"
    __table_args__ = (Index("ix_appointment_move_appointment", "appointment_id", "made_at"),)

    closure_id: Mapped[UUID] = mapped_column(ForeignKey("closure.id"), primary_key=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    from_office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    from_starts_at: Mapped[datetime]
    to_office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    to_starts_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    refuse_by: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
