"""The hall of an office: its counters of a day, and how long services were measured to take."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


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
