"""Read dates and times as people write them, in English and Arabic, in days since 1970 (UTC)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan كانون-الثاني يناير",
            "february feb شباط فبراير",
            "march mar آذار اذار مارس",
            "april apr نيسان أبريل ابريل",
            "may أيار ايار مايو",
            "june jun حزيران يونيو",
            "july jul تموز يوليو",
            "august aug آب اب أغسطس اغسطس",
            "september sep sept أيلول ايلول سبتمبر",
            "october oct تشرين-الأول تشرين-الاول أكتوبر اكتوبر",
            "november nov تشرين-الثاني نوفمبر",
            "december dec كانون-الأول كانون-الاول ديسمبر",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMES: Final = "|".join(sorted((name.replace("-", r"[\s-]+") for name in _MONTHS), key=len, reverse=True))
_CLOCK: Final = (
    r"(?:(?:[T\s,]|at)*(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?)?"
    r"\s*(?P<half>[ap]\.?m\.?|[صم])?\s*(?P<zone>z|utc|gmt)?\s*(?P<offset>[+-]\d{2}:?(?:\d{2})?)?(?:\s*\[[^]]*\]|\s*\([^)]*\))?)?$"
)
_DAY_NAME: Final = r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_PATTERNS: Final = tuple(
    re.compile(_DAY_NAME + pattern + _CLOCK, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<sep>[-/.\s])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})(?P<sep>[-/.\s])(?P<then>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]*(?P<name>{_NAMES})[-/.,\s]*(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<name>{_NAMES})[-/.,\s]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[-/.,\s]+(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[-/.,\s]*(?P<name>{_NAMES})[-/.,\s]*(?P<day>\d{{1,2}})",
    )
)
_MONTH_ONLY: Final = re.compile(
    rf"^(?:(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})|(?P<name>{_NAMES})[-/.,\s]*(?P<late>\d{{4}}))$", re.IGNORECASE
)
# As ctime and many logs write it: Fri Apr 29 18:38:08 2016, with a zone before the year or not.
_CTIME: Final = re.compile(
    rf"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+(?P<name>{_NAMES})\s+(?P<day>\d{{1,2}})\s+"
    r"(?P<clock>\d{1,2}:\d{2}:\d{2})\s+(?P<zone>(?:utc|gmt|[+-]\d{4})\s+)?(?P<year>\d{4})$",
    re.IGNORECASE,
)
_OFFSET: Final = re.compile(
    r":\d{2}(?:[.,]\d+)?\s*(?:[ap]\.?m\.?|[صم])?\s*(?:utc|gmt)?\s*[+-](\d{2}):?(\d{2})?\b", re.IGNORECASE
)
_FARTHEST: Final = 14 * 60
_EPOCH: Final = date(1970, 1, 1).toordinal()
_CENTURY: Final = 69  # 68 is 2068, 69 is 1969, as POSIX says
_NOON: Final = 12


def read_dates(words: pd.Series, *, day_first: bool = True) -> npt.NDArray[np.float64]:
    """Return days since 1970 in UTC, float64 (n,), of cleaned cells; nan where a cell is not a date.

    Times without a zone count as UTC. ``day_first`` is the order of dates of numbers with the year last: 04/25/2016 is
    no date where the day stands first. ISO dates need no order.
    """
    codes, found = pd.factorize(words, use_na_sentinel=True)
    values = np.array([str(value) for value in found], dtype=object)
    if not len(values):
        return np.full(len(words), np.nan)
    # Plain numbers are not dates here, and pandas would take 2016 for one.
    written = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").isna().to_numpy()
    written = written & np.array([_real_offset(value) for value in values], dtype=bool)
    texts = pd.Series(np.where(written, values, ""), dtype="object")
    iso = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    micro = iso.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    days = np.where(np.isnat(micro), np.nan, micro.astype(np.int64) / 86_400_000_000)
    for place in np.flatnonzero(np.isnan(days) & written):
        days[place] = read_date(values[place], day_first=day_first)
    return np.where(codes >= 0, days[np.maximum(codes, 0)], np.nan)


def read_date(word: str, *, day_first: bool = True) -> float:
    """Return the days since 1970 in UTC of one date as people write it, or nan."""
    if not any(sign.isdigit() for sign in word):
        return float("nan")
    if found := _CTIME.match(word):
        return read_date(
            f"{found['day']} {found['name']} {found['year']} {found['clock']} {found['zone'] or ''}".strip()
        )
    if found := _MONTH_ONLY.match(word):
        year, month = found["year"] or found["late"], found["month"] or _month(found["name"])
        return _days(int(year), int(month), 1)
    for pattern in _PATTERNS:
        if found := pattern.match(word):
            return _from_match(found.groupdict(), day_first=day_first)
    return float("nan")


@dataclass(frozen=True, slots=True)
class Order:
    """Which comes first in the dates of a column that are of numbers only with the year last, such as 13/04/2016.

    ``day`` and ``month``: how many different cells show that it does, since nothing else could be a month; ``day_cell``
    and ``month_cell``: the first of them. ``unclear``: whether others could be read in both orders; ``short_years``:
    whether a year has two digits, so that 16/04/25 may also have meant the year 2016.
    """

    day: int = 0
    month: int = 0
    day_cell: str = ""
    month_cell: str = ""
    unclear: bool = False
    short_years: bool = False

    @property
    def day_first(self) -> bool:
        """The one order in which the column is read: that of most cells, the day first where they do not say."""
        return self.day >= self.month

    @property
    def guessed(self) -> bool:
        """Whether there are such dates and none shows the order."""
        return self.unclear and not self.day and not self.month

    @property
    def mixed(self) -> bool:
        """Whether cells show both orders."""
        return bool(self.day and self.month)


def order_of(words: Iterable[str]) -> Order:
    """Return, judged by all cells of a column, whether the day stands before the month."""
    shown: dict[bool, list[str]] = {True: [], False: []}
    unclear = short_years = False
    for word in words:
        if (found := _PATTERNS[1].match(word)) is not None:
            first, then = int(found["first"]) > _NOON, int(found["then"]) > _NOON  # no month
            if first != then:
                shown[first].append(word)
            unclear |= not first and not then
            short_years |= len(found["year"]) == 2  # noqa: PLR2004 - of four
    day, month = shown[True], shown[False]
    return Order(len(day), len(month), "".join(day[:1]), "".join(month[:1]), unclear, short_years)


def _from_match(found: dict[str, str | None], *, day_first: bool) -> float:
    if "first" in found:
        first, then = int(found["first"] or 0), int(found["then"] or 0)
        day, month = (first, then) if day_first else (then, first)
    else:
        day = int(found["day"] or 0)
        month = _month(found["name"] or "") if "name" in found else int(found["month"] or 0)
    text = found["year"] or ""
    year = int(text) if len(text) > 2 else int(text) + (1900 if int(text) >= _CENTURY else 2000)  # noqa: PLR2004
    return _days(year, month, day) + _clock(found)


def _clock(found: dict[str, str | None]) -> float:
    """Return the time of the day as a part of a day, in UTC."""
    if found["hour"] is None:
        return 0.0
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    second = float((found["second"] or "0").replace(",", "."))
    if found["half"]:
        hour = hour % _NOON + (_NOON if found["half"][0].lower() in {"p", "م"} else 0)
    elif found["minute"] is None:
        return float("nan")  # a bare number behind a date is not a time
    if hour > 23 or minute > 59 or second >= 61:  # noqa: PLR2004 - a clock's
        return float("nan")
    shift = 0.0
    if found["offset"]:
        digits = found["offset"][1:].replace(":", "").ljust(4, "0")
        shift = (int(digits[:2]) * 60 + int(digits[2:])) / 1440 * (-1 if found["offset"][0] == "-" else 1)
    return (hour * 3600 + minute * 60 + second) / 86_400 - shift


def _real_offset(word: str) -> bool:
    """Whether a time of day is at most 14 hours from UTC, as all clocks are, or has no offset."""
    found = _OFFSET.search(word)
    return found is None or (int(found[1]) * 60 + int(found[2] or 0) <= _FARTHEST and int(found[2] or 0) < 60)  # noqa: PLR2004


def _days(year: int, month: int, day: int) -> float:
    try:
        return float(date(year, month, day).toordinal() - _EPOCH)
    except ValueError:
        return float("nan")


def month_of(word: str) -> int | None:
    """Return the number of a month's name, or None."""
    return _MONTHS.get(re.sub(r"\s+", "-", word.strip().casefold()))


def _month(name: str) -> int:
    return month_of(name) or 0
