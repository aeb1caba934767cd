"""What analysts read about quotas: the rows of drafts and versions, and how large an office's days are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.shares import largest_remainder
from booking.country.policy.quota_table import DRAWN_POOLS, OfficeRef, Quota, QuotaTable
from booking.country.versions import drafts
from booking.country.versions.drafts import DraftView
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Draw,
    DrawEntry,
    Office,
    QuotaDraft,
    QuotaPolicy,
    Request,
    RequestOffice,
    Slot,
    waits_for_draw,
)
from booking.platform.models.states import Pool
from booking.scheduling.quotas.drafts import QUOTA_DRAFTS

AHEAD: Final = timedelta(days=14)
"""How far days are looked at to show what a row means."""


@dataclass(frozen=True, slots=True)
class QuotaDraftView(DraftView[QuotaDraft]):
    """A draft of quotas, and its rows."""

    @property
    def table(self) -> QuotaTable:
        """Its rows."""
        return QuotaTable.read(self.row.shares, self.row.overrides)


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """An office and its coming days with the units of each."""

    office: Office
    units: Mapping[date, int]

    @property
    def ref(self) -> OfficeRef:
        """What the table must know of it."""
        return OfficeRef(self.office.code, self.office.region_code, self.office.kind.value)

    def example(self, weekday: int | None) -> tuple[date, int] | None:
        """Return the first coming day (of a weekday) on which it is open, and its units."""
        return next(
            ((day, units) for day, units in self.units.items() if weekday is None or day.weekday() == weekday), None
        )


def read_draft(core: Core, draft_id: UUID) -> QuotaDraftView:
    """Return a draft with its rows; raises NotFoundError."""
    found = drafts.read_draft(core, QUOTA_DRAFTS, draft_id)
    return QuotaDraftView(found.row, found.author, found.saved_by)


def read_table(core: Core, version: int) -> QuotaTable:
    """Return the table of a version; raises NotFoundError."""
    with core.sessions() as session:
        row = session.get(QuotaPolicy, version)
        if row is None:
            raise NotFoundError
        return QuotaTable.read(row.shares, row.overrides)


def office_days(core: Core, *, first: date | None = None, last: date | None = None) -> list[OfficeDays]:
    """Return the active offices with their days, branches first; the coming two weeks where no days are named."""
    first, last = first or core.today() + timedelta(days=1), last or core.today() + AHEAD
    with core.sessions() as session:
        units = _units_of_days(session, first, last, core.pack.country.units_per_slot)
        offices = session.scalars(select(Office).where(Office.active).order_by(Office.kind, Office.id))
        return [OfficeDays(office, units.get(office.id, {})) for office in offices]


def day_split(quota: Quota, units: int) -> dict[Pool, int]:
    """Return the whole places of each pool on a day of so many units."""
    return largest_remainder(quota.exact(units), units)


def _units_of_days(session: Session, first: date, last: date, units_per_counter: int) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = {}
    rows = session.execute(
        select(Slot.office_id, Slot.local_day, func.sum(Slot.counters))
        .where(Slot.local_day.between(first, last))
        .group_by(Slot.office_id, Slot.local_day)
        .order_by(Slot.office_id, Slot.local_day)
    )
    for office_id, day, counters in rows:
        found.setdefault(office_id, {})[day] = int(counters) * units_per_counter
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests of one office as first choice that accept the same weekdays (a bit mask, bit 0 Monday), summed up."""

    office: str
    weekdays: int
    people: int
    units: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """An office's demand (people, and units of a counter) and places, on all days and by weekday (units, places)."""

    office: Office
    people: int
    units: int
    places: int
    by_weekday: Mapping[int, tuple[float, int]]

    @property
    def ratio(self) -> float | None:
        """Units asked for each place; None where there is no place."""
        return self.units / self.places if self.places else None


def read_pressure(core: Core, table: QuotaTable, draw: Draw | None) -> list[Pressure]:
    """Set what was asked in a draw, or (None) what waits now, against the places of its days under a table.

    A request counts at its first choice, in equal parts on the weekdays that it accepts and on which there are places.
    """
    today = core.today()
    first, last = (
        (today + timedelta(days=1), today + AHEAD) if draw is None else (draw.horizon_first, draw.horizon_last)
    )
    with core.sessions() as session:
        asked = _asked(session, draw)
    return pressures(asked, office_days(core, first=first, last=last), table)


def pressures(asked: Iterable[Asked], offices: Sequence[OfficeDays], table: QuotaTable) -> list[Pressure]:
    """Return each office's demand and places, those with most demand for each place first. Pure."""
    rows: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        rows[one.office].append(one)
    found = [_of_office(one, rows[one.office.code], _places(one, table)) for one in offices]
    return sorted(found, key=lambda one: (one.ratio is None, -(one.ratio or 0), one.office.id))


def _of_office(days: OfficeDays, asked: Sequence[Asked], places: Mapping[int, int]) -> Pressure:
    units = dict.fromkeys(places, 0.0)
    for one in asked:
        accepted = [day for day in places if one.weekdays >> day & 1]
        for day in accepted:
            units[day] += one.units / len(accepted)
    return Pressure(
        office=days.office,
        people=sum(one.people for one in asked),
        units=sum(one.units for one in asked),
        places=sum(places.values()),
        by_weekday={day: (units[day], count) for day, count in places.items()},
    )


def _places(days: OfficeDays, table: QuotaTable) -> dict[int, int]:
    """Sum the places that the draw gives, by weekday; weekdays without any are left out."""
    found: dict[int, int] = defaultdict(int)
    for day, units in days.units.items():
        split = day_split(table.quota_of(days.ref, day.weekday()), units)
        found[day.weekday()] += sum(split[pool] for pool in DRAWN_POOLS)
    return {day: count for day, count in sorted(found.items()) if count}


def _asked(session: Session, draw: Draw | None) -> list[Asked]:
    rows = (
        select(Office.code, Request.weekdays, func.sum(Request.party_size), func.sum(Request.units))
        .join(RequestOffice, (RequestOffice.request_id == Request.id) & (RequestOffice.rank == 0))
        .join(Office, Office.id == RequestOffice.office_id)
        .group_by(Office.code, Request.weekdays)
    )
    if draw is None:
        rows = rows.where(waits_for_draw())
    else:
        rows = rows.join(DrawEntry, DrawEntry.request_id == Request.id).where(DrawEntry.draw_id == draw.id)
    return [Asked(code, weekdays, int(people), int(units)) for code, weekdays, people, units in session.execute(rows)]
