"""Offices, services, holidays, slots with their places, closures, and how long people wait."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.states import CLOSURE_MOVES, ClosureState, Door, Pool, checked_move


class OfficeKind(StrEnum):
    """A branch at home or a consulate abroad."""

    BRANCH = "branch"
    CONSULATE = "consulate"

    @property
    def door(self) -> Door:
        """The portal that offers this kind of office."""
        return Door.HOME if self is OfficeKind.BRANCH else Door.ABROAD


class Office(Base):
    """A branch or consulate with its time zone, place and opening rules (``opening``: weekday, opens, closes)."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[OfficeKind] = mapped_column(Word(OfficeKind))
    name_ar: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(String(40))
    region_ar: Mapped[str] = mapped_column(String(120))
    region_en: Mapped[str] = mapped_column(String(120))
    city_ar: Mapped[str] = mapped_column(String(120), default="", server_default="")
    city_en: Mapped[str] = mapped_column(String(120), default="", server_default="")
    address_ar: Mapped[str] = mapped_column(String(300), default="")
    address_en: Mapped[str] = mapped_column(String(300), default="")
    latitude: Mapped[float]
    longitude: Mapped[float]
    time_zone: Mapped[str] = mapped_column(String(60))
    counters: Mapped[int] = mapped_column(SmallInteger)
    accessible: Mapped[bool]
    opening: Mapped[list[Any]]
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def door(self) -> Door:
        """The portal that offers this office."""
        return self.kind.door


class Service(Base):
    """What is delivered. ``units`` are 15 minutes of one counter a person; ``spec`` is the whole file of the service.

    Services of one ``exclusive_group`` exclude each other: a person has one live request in the group. A service that
    is only there online takes no time at a counter (``units`` 0) and no part in slots, draws and walk-ins.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("delivery IN ('appointment', 'online', 'both')", name="delivery_word"),
        CheckConstraint("(delivery = 'online') = (units = 0)", name="online_takes_no_counter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    delivery: Mapped[str] = mapped_column(String(12))
    group_code: Mapped[str] = mapped_column(String(40))
    agency_code: Mapped[str] = mapped_column(String(40))
    exclusive_group: Mapped[str] = mapped_column(String(60))
    name_ar: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    description_ar: Mapped[str]
    description_en: Mapped[str]
    units: Mapped[int] = mapped_column(SmallInteger)
    audience: Mapped[str] = mapped_column(String(12))
    maximum_wait_days: Mapped[int] = mapped_column(SmallInteger)
    spec: Mapped[Json]
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def at_an_office(self) -> bool:
        """Return whether the service has appointments."""
        return self.delivery != "online"

    @property
    def online(self) -> bool:
        """Return whether the service can be asked for online."""
        return self.delivery != "appointment"

    def is_for(self, door: Door) -> bool:
        """Return whether people of this door can ask for it."""
        return self.audience in {"both", "resident" if door is Door.HOME else "expatriate"}


class Holiday(Base):
    """A day on which offices are closed: everywhere (``office_id`` empty) or at one office."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("day", "office_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    name_ar: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))


class Slot(Base):
    """A half hour at an office; ``local_day`` and ``band`` are in the office's own time."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("office_id", "starts_at"), Index("ix_slot_day", "local_day", "office_id"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    local_day: Mapped[date]
    band: Mapped[str] = mapped_column(String(12))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    counters: Mapped[int] = mapped_column(SmallInteger)


class SlotPool(Base):
    """The places of one pool in one slot; a place is 15 minutes of one counter.

    ``taken`` only moves by conditional statements (`booking.country.places.rows`); the CHECK is the last line of
    defence. ``overbooked`` of the urgent pool's places were added by a supervisor: triggers hold it, and ``taken``, to
    what approved cases take.
    """

    __tablename__ = "slot_pool"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= places", name="not_oversold"),
        CheckConstraint("overbooked >= 0 AND (overbooked = 0 OR pool = 'urgent')", name="overbooked"),
    )

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True)
    pool: Mapped[Pool] = mapped_column(Word(Pool), primary_key=True)
    places: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)
    overbooked: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))


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


class WaitingTime(Base):
    """The waits of one kind, measured by a job: ``counted`` that ended since an instant, in seconds.

    ``worst`` is the longest, those that have not ended yet included.
    """

    __tablename__ = "waiting_time"

    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    counted: Mapped[int]
    median: Mapped[float]
    worst: Mapped[float]
    since: Mapped[datetime]
    measured_at: Mapped[datetime]


class DrawChance(Base):
    """What one draw showed of an office; nobody sees it before the draw is published, and then only with others.

    ``asked``: newcomers who named the office. ``shares``: the chance that one more of them would have had, by "any",
    "day:6" (a weekday, 0 is Monday) and "band:morning". Written with the draw's result.
    """

    __tablename__ = "draw_chance"
    __table_args__ = (CheckConstraint("asked >= 0", name="asked"),)

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    asked: Mapped[int]
    shares: Mapped[Json]


class OfficeChance(Base):
    """What the last draws together say of an office, as everyone reads it; made anew when a draw is published.

    ``chances``: per cent in steps of five, lowest, likely and highest, by the keys of `DrawChance.shares`. An office
    without a row has had too few requests to say.
    """

    __tablename__ = "office_chance"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    draws: Mapped[int] = mapped_column(SmallInteger)
    chances: Mapped[Json]
