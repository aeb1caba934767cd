"""The days that a movable or fixed holiday follows, to check the dates that people wrote down."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from hijridate import Gregorian, Hijri

from booking.country.packs.holiday import HolidaySpec

MOON_TOLERANCE: Final = timedelta(days=1)
"""The announced first day of a Hijri month follows the sighting of the moon and may differ from the computed one."""


def expected_starts(holiday: HolidaySpec, years: Iterable[int]) -> list[date]:
    """Compute the first day of each occurrence within ``years``.

    Returns
    -------
    list of date
        Sorted; empty when the holiday follows no calendar rule.

    Raises
    ------
    ValueError
        The day does not exist (30 February), or a year is outside the Hijri tables (1343 to 1500 AH).
    """
    starts: list[date] = []
    for year in years:
        if holiday.fixed is not None:
            month, day = _month_and_day(holiday.fixed)
            starts.append(date(year, month, day))
        elif holiday.hijri is not None:
            starts.extend(_hijri_days(year, *_month_and_day(holiday.hijri)))
        elif holiday.easter is not None:
            starts.append(western_easter(year) if holiday.easter == "western" else eastern_easter(year))
    return sorted(starts)


def western_easter(year: int) -> date:
    """Compute Easter Sunday of the Gregorian reckoning (Meeus, Astronomical Algorithms, 2nd ed., chapter 8)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def eastern_easter(year: int) -> date:
    """Compute Easter Sunday of the Julian reckoning, as a Gregorian date (Meeus, as above; 1900 to 2099)."""
    moon = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + weekday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


def _month_and_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _hijri_days(year: int, month: int, day: int) -> Iterable[date]:
    """Return the Gregorian days of ``year`` that are this day of a Hijri year: one, sometimes two, rarely none."""
    first_hijri_year = Gregorian(year, 1, 1).to_hijri().year
    for hijri_year in (first_hijri_year, first_hijri_year + 1):
        found = Hijri(hijri_year, month, day).to_gregorian()
        if found.year == year:
            yield date(found.year, found.month, found.day)
