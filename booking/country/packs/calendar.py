"""From opening rules to slots: which half hours an office is open, in its own time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.country.packs.fields import WEEKDAYS, minute_of
from booking.country.packs.holiday import HolidaySpec
from booking.country.packs.schema import OfficeSpec, Pack


class HolidaysUnknownError(ValueError):
    """The pack's holidays do not reach that far, so nobody can say which days an office is open."""


class SlotSpec(NamedTuple):
    """One slot of one office: the local day and band, the instants (UTC, ``ends_at`` excluded), and the counters."""

    local_date: date
    band: str
    starts_at: datetime
    ends_at: datetime
    counters: int


def closed_days(pack: Pack, office: OfficeSpec) -> dict[date, HolidaySpec]:
    """Return the days on which a holiday closes ``office``, each with the (first) holiday that does."""
    country = pack.region(office.region).country
    days: dict[date, HolidaySpec] = {}
    for holiday in pack.holidays:
        if holiday.countries and country not in holiday.countries:
            continue
        for start in holiday.starts:
            for offset in range(holiday.days):
                days.setdefault(start + timedelta(days=offset), holiday)
    return days


def generate_slots(pack: Pack, office: OfficeSpec, first: date, last: date) -> Iterator[SlotSpec]:
    """Generate the slots of ``office`` from ``first`` to ``last``, both included, in order.

    A slot that the local clock skips when summer time begins does not exist; where the clock goes back, the first
    of the two equal times is meant. A slot always lasts the pack's ``slot_minutes``.

    Raises
    ------
    HolidaysUnknownError
        A year of the range is not in the pack's holidays.
    """
    unknown = sorted({year for year in range(first.year, last.year + 1) if year not in pack.holiday_years})
    if unknown:
        raise HolidaysUnknownError(f"the pack has no holidays for {', '.join(map(str, unknown))}")
    zone = ZoneInfo(office.time_zone)
    closed = closed_days(pack, office)
    hours = _hours_by_weekday(pack, office)
    length = timedelta(minutes=pack.country.slot_minutes)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day in closed:
            continue
        for at, band in hours[day.weekday()]:
            local = datetime.combine(day, at, zone)
            starts_at = local.astimezone(UTC)
            if starts_at.astimezone(zone).time() == at:
                yield SlotSpec(day, band, starts_at, starts_at + length, office.counters)


def _hours_by_weekday(pack: Pack, office: OfficeSpec) -> list[list[tuple[time, str]]]:
    """Local start and band of each slot of the week; the first list is Monday's."""
    week: list[list[tuple[time, str]]] = [[] for _ in WEEKDAYS]
    for rule in office.opening:
        for minute in range(minute_of(rule.opens), minute_of(rule.closes), pack.country.slot_minutes):
            at = time(minute // 60, minute % 60)
            band = next(band.code for band in pack.country.bands if band.starts <= at < band.ends)
            for weekday in rule.weekdays:
                week[WEEKDAYS.index(weekday)].append((at, band))
    return [sorted(day) for day in week]
