"""Offices, services and holidays: the catalogue that a country pack fills."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Word
from booking.platform.models.states import Door


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
