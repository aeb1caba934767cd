"""Split capacity into pools in whole places, exactly and evenly."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from booking.country.packs.fields import WEEKDAYS, HolidaySpec, minute_of
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


PoolT = TypeVar("PoolT")


def largest_remainder(shares: Mapping[PoolT, Decimal] | Mapping[PoolT, Fraction], total: int) -> dict[PoolT, int]:
    """Split ``total`` places by ``shares`` (Hamilton's method).

    Each pool gets its exact share rounded down; the places left over go to the largest fractions, and among equal
    ones to the pool that is listed first. So each pool is within one place of its exact share.

    Raises
    ------
    ValueError
        The shares are negative or do not add to 1, or ``total`` is negative.
    """
    if total < 0 or any(share < 0 for share in shares.values()) or sum(shares.values()) != 1:
        raise ValueError("needs places and shares that are not negative, and shares that add to 1")
    exact = {pool: Fraction(share) * total for pool, share in shares.items()}
    places = {pool: int(amount) for pool, amount in exact.items()}
    left_over = total - sum(places.values())
    for pool in sorted(exact, key=lambda pool: places[pool] - exact[pool])[:left_over]:
        places[pool] += 1
    return places


def split_places(
    shares: Mapping[PoolT, Decimal] | Mapping[PoolT, Fraction], units_per_slot: Sequence[int], *, block: int = 1
) -> list[dict[PoolT, int]]:
    """Split the units of one office-day into pools, slot by slot.

    The day's total of each pool follows `largest_remainder`; its units are then spread evenly over the day.

    Parameters
    ----------
    shares
        Exact shares by pool, adding to 1.
    units_per_slot
        Units (counters x units per counter) of each slot of the day, in order.
    block
        Units that stay together in a slot as far as the totals allow: the length of the longest service, so that
        a small pool does not end up as single units in which that service never fits. A pool's rest, smaller
        than a block, comes after all whole blocks.

    Returns
    -------
    list of dict
        For each slot, the units of each pool, in the order of ``shares``; they add to the slot's units.

    Notes
    -----
    Each block is placed at the middle of its equal part of the day, (2k - 1) / 2n for the k-th of n, and slots are
    filled in that order: the even spacing of Bresenham's line and of Webster's apportionment.
    """
    totals = largest_remainder(shares, sum(units_per_slot))
    order = {pool: index for index, pool in enumerate(shares)}
    queue: list[PoolT] = []
    blocks = [
        (Fraction(2 * k + 1, 2 * (total // block)), order[pool], pool)
        for pool, total in totals.items()
        for k in range(total // block)
    ]
    for _, _, pool in sorted(blocks, key=lambda entry: entry[:2]):
        queue += [pool] * block
    for pool, total in totals.items():
        queue += [pool] * (total % block)
    split: list[dict[PoolT, int]] = []
    start = 0
    for units in units_per_slot:
        places = dict.fromkeys(shares, 0)
        for pool in queue[start : start + units]:
            places[pool] += 1
        split.append(places)
        start += units
    return split
