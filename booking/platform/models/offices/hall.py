"""The hall of an office: open counters, measured service times, and people without an appointment."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.offices.office import Service
from booking.platform.models.states import WALK_IN_MOVES, WalkInState, checked_move


class OpenCounter(Base):
    """A counter at which somebody worked on a day; ``account_id`` is who called there last.

    It calls until ``closed_at``; a break is over at ``back_at``, or when somebody calls there before.
    """

    __tablename__ = "open_counter"
    __table_args__ = (CheckConstraint("counter > 0", name="some"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    local_day: Mapped[date] = mapped_column(primary_key=True)
    counter: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class ServiceTime(Base):
    """How long a service took from the call to the end, measured by a job: at an office, or everywhere (empty).

    ``quantiles`` are minutes, as `allocation.hall.service_times` describes a time; ``counted`` were measured.
    """

    __tablename__ = "service_time"
    __table_args__ = (
        UniqueConstraint(
            "office_id", "service_id", "people", name="uq_service_time_kind", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    people: Mapped[int] = mapped_column(SmallInteger)
    counted: Mapped[int]
    quantiles: Mapped[list[Any]]
    measured_at: Mapped[datetime]


class WalkIn(Base):
    """A ticket for one person. Life cycle: `WALK_IN_MOVES`.

    ``ticket`` counts from 1 for each office-day, together with the numbers of appointments. The national number is kept
    as its keyed hash only, by which a person has one ticket a day, at whatever office. ``counter`` is where the ticket
    was called to; ``priority``: the law puts them first (not why); ``not_before``: called in vain, not again before.
    """

    __tablename__ = "walk_in"
    __table_args__ = (
        UniqueConstraint("office_id", "local_day", "ticket", name="uq_walk_in_ticket"),
        UniqueConstraint("person_hash", "local_day", name="uq_walk_in_person"),
        Index("ix_walk_in_called", "office_id", "local_day", "called_at"),
        Index("ix_walk_in_open", "local_day", postgresql_where=text("state IN ('waiting', 'called')")),
        Index("ix_walk_in_priority", "local_day", postgresql_where=text("priority")),
        CheckConstraint("ticket > 0 AND places > 0", name="some"),
        CheckConstraint("(called_at IS NULL) = (counter IS NULL)", name="called_to_a_counter"),
    )

    id: Mapped[Key]
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    local_day: Mapped[date]
    ticket: Mapped[int] = mapped_column(SmallInteger)
    person_hash: Mapped[bytes] = mapped_column(LargeBinary)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    slot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("slot.id"))
    places: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[WalkInState] = mapped_column(Word(WalkInState), default=WalkInState.WAITING)
    counter: Mapped[int | None] = mapped_column(SmallInteger)
    priority: Mapped[bool] = mapped_column(default=False, server_default="false")
    not_before: Mapped[datetime | None]
    arrived_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    service: Mapped[Service] = relationship(lazy="joined", innerjoin=True)

    def move_to(self, state: WalkInState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(WALK_IN_MOVES, self.state, state)


class WalkInDay(Base):
    """The last number in the hall of an office-day, of tickets and of appointments; whoever calls holds it too.

    Its row is locked until the number is given, so none is left out.
    """

    __tablename__ = "walk_in_day"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    local_day: Mapped[date] = mapped_column(primary_key=True)
    last_ticket: Mapped[int] = mapped_column(SmallInteger)
