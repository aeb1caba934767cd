"""Demand against capacity: units that people ask of each office, over the places that quotas give the draw there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.policy.quota_table import DRAWN_POOLS, QuotaTable
from booking.platform.models import Draw, DrawEntry, Office, Request, RequestOffice, waits_for_draw
from booking.scheduling.quotas.views import AHEAD, OfficeDays, day_split, office_days


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
