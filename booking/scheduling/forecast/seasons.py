"""The calendar that a forecast knows: seasons of both calendars, and the days on which offices are closed, by week."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from hijridate import Gregorian, Hijri
from pydantic import Field, TypeAdapter

from booking.country.packs.fields import WEEKDAYS, Code, MonthDay, Sentence, Spec, Words, expected_starts
from booking.country.packs.schema import OfficeSpec, Pack
from booking.country.packs.shares import closed_days

WEEK: Final = timedelta(days=7)
Matrix = npt.NDArray[np.float64]
_HARMONICS: Final = 2
_YEAR_DAYS: Final = 365.25


class Season(Spec):
    """A stretch of each Gregorian or Hijri year, both ends included."""

    code: Code
    name: Words
    calendar: Literal["fixed", "hijri"]
    first: MonthDay = Field(alias="from")
    last: MonthDay = Field(alias="to")
    source: Sentence

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days of this season from ``first`` to ``last``."""
        for begin, end in self._stretches(first, last):
            day = max(begin, first)
            while day <= min(end, last):
                yield day
                day += timedelta(days=1)

    def _stretches(self, first: date, last: date) -> Iterator[tuple[date, date]]:
        if self.calendar == "fixed":
            for year in range(first.year, last.year + 1):
                yield _day(year, self.first), _day(year, self.last)
            return
        for year in range(Gregorian(*_parts(first)).to_hijri().year, Gregorian(*_parts(last)).to_hijri().year + 1):
            yield _hijri_day(year, self.first), _hijri_day(year, self.last)


@cache
def seasons() -> tuple[Season, ...]:
    """Read seasons.toml."""
    content = tomllib.loads(
        resources.files("booking.scheduling.forecast").joinpath("seasons.toml").read_text(encoding="utf-8")
    )
    return TypeAdapter(tuple[Season, ...]).validate_python(content["seasons"])


def week_of(pack: Pack, day: date) -> date:
    """Return the first day of the week of ``day``: the day after the country's weekend, Sunday in Syria."""
    return day - timedelta(days=(day.weekday() - first_weekday(pack)) % 7)


def first_weekday(pack: Pack) -> int:
    """Return the weekday on which the country's weeks begin; 0 is Monday."""
    return (WEEKDAYS.index(pack.country.weekend[-1]) + 1) % 7


def weeks_from(first: date, count: int) -> tuple[date, ...]:
    """Return ``count`` first days of weeks, from ``first`` on."""
    return tuple(first + index * WEEK for index in range(count))


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of weeks before they come.

    ``seasons`` float64 (t, s): the share of each week's days in each season; ``closed`` by office code, float64 (t,):
    the share of the office's working days on which a holiday closes it; ``year`` float64 (t, 4): the harmonics of the
    Gregorian year.
    """

    weeks: tuple[date, ...]
    seasons: Matrix
    closed: Mapping[str, Matrix]
    year: Matrix

    def at(self, rows: slice) -> "Calendar":
        """Return some of the weeks."""
        closed = {office: share[rows] for office, share in self.closed.items()}
        return Calendar(self.weeks[rows], self.seasons[rows], closed, self.year[rows])


def calendar(pack: Pack, weeks: Sequence[date]) -> Calendar:
    """Look up weeks in the calendar: seasons, holidays of the pack, time of the year.

    Holidays of years that the pack does not list are computed where it says what they follow; others are left out.
    """
    first, last = weeks[0], weeks[-1] + WEEK - timedelta(days=1)
    place = {week: row for row, week in enumerate(weeks)}
    shares = np.zeros((len(weeks), len(seasons())))
    for column, season in enumerate(seasons()):
        for day in season.days(first, last):
            row = place.get(day - timedelta(days=(day - first).days % 7))
            if row is not None:
                shares[row, column] += 1
    turn = np.array([2 * np.pi * week.timetuple().tm_yday / _YEAR_DAYS for week in weeks])
    waves = [wave(k * turn) for k in range(1, _HARMONICS + 1) for wave in (np.sin, np.cos)]
    whole = _with_computed_holidays(pack, range(first.year, last.year + 1))
    by_pattern: dict[tuple[object, ...], Matrix] = {}
    closed = {}
    for office in pack.offices:
        pattern = (pack.region(office.region).country, tuple(sorted(_weekdays(office))))
        if pattern not in by_pattern:
            by_pattern[pattern] = _closed_share(whole, office, weeks)
        closed[office.code] = by_pattern[pattern]
    return Calendar(tuple(weeks), shares / 7, closed, np.column_stack(waves))


def _closed_share(pack: Pack, office: OfficeSpec, weeks: Sequence[date]) -> Matrix:
    days, closed = _weekdays(office), closed_days(pack, office)
    shut = [sum(week + timedelta(days=d) in closed and (week + timedelta(days=d)).weekday() in days for d in range(7))
            for week in weeks]  # fmt: skip
    return np.array(shut) / len(days)


def _weekdays(office: OfficeSpec) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(day) for rule in office.opening for day in rule.weekdays)


def _with_computed_holidays(pack: Pack, years: range) -> Pack:
    missing = [year for year in years if year not in pack.holiday_years]
    if not missing:
        return pack
    holidays = tuple(
        holiday.model_copy(update={"starts": (*holiday.starts, *expected_starts(holiday, missing))})
        for holiday in pack.holidays
    )
    return pack.model_copy(update={"holidays": holidays})


def _parts(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _day(year: int, text: str) -> date:
    month, day = map(int, text.split("-"))
    return date(year, month, day)


def _hijri_day(year: int, text: str) -> date:
    month, day = map(int, text.split("-"))
    found = Hijri(year, month, min(day, Hijri(year, month, 1).month_length())).to_gregorian()
    return date(found.year, found.month, found.day)
