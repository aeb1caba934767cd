"""When each row happened: from one column or several, as dates or as plain numbers that only order the rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import numbers
from fraud.tables.dates import month_of, order_of, read_dates
from fraud.tables.errors import TableError

_COMPACT: Final = re.compile(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?$")
# Unix time in seconds, milli-, micro- and nanoseconds between 1990 and 2100, and how many of them are a day.
_UNIX: Final = tuple((631e6 * unit, 4.1e9 * unit, 86_400 * unit) for unit in (1, 1e3, 1e6, 1e9))
_CLOCK: Final = re.compile(r"^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?|[صم])?$", re.IGNORECASE)
_YEARS: Final = (1900, 2100)
_SHOWN: Final = 40
_DAY_OF_MONTH: Final = re.compile(r"day[\s_]*of[\s_]*(?:the[\s_]*)?month", re.IGNORECASE)
_PARTS: Final = ("year", "month", "day")
_NO_MOMENT: Final = "the time columns {} do not make one moment; give year, month and day, or a date and a time of day"


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of rows, float64 (n,): days since 1970 in UTC where ``dated``, else numbers of an unknown unit."""

    when: npt.NDArray[np.float64]
    dated: bool
    day_first: bool = True
    guessed: bool = False
    short_years: bool = False

    @property
    def whole_days(self) -> bool:
        """Whether no row has a time of day."""
        known = self.when[~np.isnan(self.when)]
        return self.dated and bool((known == np.floor(known)).all())

    def told(self, value: float) -> str:
        """Write one moment as people read it."""
        if not self.dated:
            return f"{value:g}"
        text = str(np.datetime64("1970-01-01T00:00:00", "s") + np.timedelta64(round(value * 86_400), "s"))
        return text.removesuffix("T00:00:00").replace("T", " ")


def read_moments(frame: pd.DataFrame, columns: Sequence[str]) -> Moments:
    """Read the moments of rows from cleaned cells; nan where every one of the columns says nothing.

    Parameters
    ----------
    columns
        One column; or several that make one moment together: year, month (number or name) and day, or a date and a
        time of day, in any order.

    Raises
    ------
    TableError
        A cell is neither a date nor a number, dates are in two orders, or the columns do not make a moment; it names
        column and row.
    """
    words = frame[columns[0]] if len(columns) == 1 else joined(frame, columns)
    name = " + ".join(columns)
    order = order_of(words.dropna())
    if order.mixed:
        rows = [int(np.flatnonzero(words == cell)[0]) + 1 for cell in (order.day_cell, order.month_cell)]
        raise TableError(
            f"the dates of the time “{name}” are in two orders: in row {rows[0]} the day comes first "
            f"(“{order.day_cell}”), in row {rows[1]} the month (“{order.month_cell}”); write them in one"
        )
    found, missing = moments_of(words), words.isna().to_numpy()
    bad = np.flatnonzero(np.isnan(found.when) & ~missing)
    if len(bad):
        value = str(words.iloc[bad[0]])[:_SHOWN]
        kind = "a date or time" if found.dated else "a number, as most of its cells are,"
        raise TableError(f"the time “{name}” is not {kind} that can be read in row {bad[0] + 1}: “{value}”")
    return found


def dates_in_parts(frame: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return the columns of year, month and day that share the rest of their name, by that rest: arrival_date."""
    found: dict[str, dict[str, str]] = {}
    for column in frame.columns:
        named = _DAY_OF_MONTH.sub("day", str(column))
        parts = re.fullmatch(r"(.*?)[\s_-]*(year|month|day)", named, re.IGNORECASE)
        if parts:
            found.setdefault(parts[1] or "date", {}).setdefault(parts[2].casefold(), str(column))
    return {rest: (of["year"], of["month"], of["day"]) for rest, of in found.items() if len(of) == len(_PARTS)}


def moments_of(words: pd.Series, *, day_first: bool | None = None) -> Moments:
    """Read cleaned cells as dates, or as numbers where more of them are numbers; nan where a cell is neither.

    The other cells decide whether 03/04/2016 is in April, unless ``day_first`` says it; all are read in one order.
    """
    if (compact := _compact(words)) is not None:
        return Moments(compact, dated=True)
    guessed = short_years = False
    if day_first is None:
        order = order_of(words.dropna().unique())
        day_first, guessed, short_years = order.day_first, order.guessed, order.short_years
    dates = read_dates(words, day_first=day_first)
    plain = numbers(words)
    if np.isnan(dates).sum() <= np.isnan(plain).sum():
        return Moments(dates, dated=True, day_first=day_first, guessed=guessed, short_years=short_years)
    known = plain[~np.isnan(plain)]
    for low, high, day in _UNIX:
        if len(known) and known.min() >= low and known.max() <= high:
            return Moments(plain / day, dated=True)
    return Moments(plain, dated=False)


def read_bound(text: str, like: Moments) -> float:
    """Read a bound that a person gives in the way that the column itself is read.

    Raises
    ------
    TableError
        It is not a date, or not a number where the column holds numbers.
    """
    words = pd.Series([text.strip()], dtype=object)
    if not like.dated:
        value = numbers(words)[0]
    elif (compact := _compact(words)) is not None:
        value = compact[0]
    else:
        value = read_dates(words, day_first=like.day_first)[0]
    if np.isnan(value):
        raise TableError(f"“{text}” is not {'a date' if like.dated else 'a number, as the time column is'}")
    return float(value)


def _compact(words: pd.Series) -> npt.NDArray[np.float64] | None:
    """Read 20160531 and 20160531183808 where every cell is of that form."""
    known = words.dropna()
    if known.empty or not known.map(lambda word: bool(_COMPACT.match(word))).all():
        return None
    clock = known.str.slice(8).where(known.str.len() > 8, "0000")  # noqa: PLR2004 - the digits of a day
    iso = known.str.replace(r"^(\d{4})(\d\d)(\d\d).*", r"\1-\2-\3", regex=True)
    iso = iso + clock.str.replace(r"^(\d\d)(\d\d)(\d\d)?$", r" \1:\2:\3", regex=True).str.removesuffix(":")
    return read_dates(iso.reindex(words.index))


def joined(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Join the parts of a moment, in any order, to one text that `read_dates` understands.

    Raises
    ------
    TableError
        The columns do not make a moment together.
    """
    roles: dict[str, pd.Series] = {}
    unclear = []
    for column in columns:
        role = _plain_role(frame[column], column)
        if role is None:
            unclear.append(column)
        elif role in roles:
            raise TableError(_NO_MOMENT.format(", ".join(columns)))
        else:
            roles[role] = frame[column].astype(object)
    for column in unclear:
        role = _free_role(numbers(frame[column]), set(roles))
        if role is None:
            raise TableError(_NO_MOMENT.format(", ".join(columns)))
        roles[role] = frame[column].astype(object)
    if "date" in roles:
        day = roles["date"]
    elif {"year", "month"} <= set(roles):
        month = roles["month"].map(lambda word: str(month_of(word) or word), na_action="ignore")
        one = pd.Series("1", index=frame.index, dtype=object)
        parts = [_whole(part, width) for part, width in ((roles["year"], 4), (month, 2), (roles.get("day", one), 2))]
        day = parts[0] + "-" + parts[1] + "-" + parts[2]
    else:
        raise TableError(f"the time columns {', '.join(columns)} hold no date: a year and a month are needed")
    if "clock" in roles:
        return (day + " " + roles["clock"].fillna("00:00")).astype(object)
    if "hour" in roles:
        minute = _whole(roles["minute"].fillna("0"), 2) if "minute" in roles else "00"
        return (day + " " + _whole(roles["hour"].fillna("0"), 2) + ":" + minute).astype(object)
    return day.astype(object)


def _whole(column: pd.Series, width: int) -> pd.Series:
    return column.map(lambda word: word.removesuffix(".0").zfill(width), na_action="ignore").astype(object)


def _plain_role(column: pd.Series, name: str) -> str | None:
    """Return which part of a moment a column is, by its name or by values that no other part has; else None."""
    known = column.dropna()
    if len(known) and known.map(lambda word: bool(_CLOCK.match(word))).all():
        return "clock"
    named = _DAY_OF_MONTH.sub("day", name.casefold())
    # “date” is a part of many names (arrival_date_year), so the smaller parts are looked for.
    for role, words in _PART_NAMES.items():
        if any(word in named for word in words):
            return role
    plain = numbers(known)
    if len(known) and np.isnan(plain).all():
        return "month" if known.map(lambda word: month_of(word) is not None).all() else "date"
    if len(known) and np.nanmin(plain) >= _YEARS[0]:
        return "year" if np.nanmax(plain) <= _YEARS[1] else "date"
    return None


def _free_role(plain: npt.NDArray[np.float64], taken: set[str]) -> str | None:
    """Return the first part of a moment that is still wanted and may have all these values."""
    for role, least, most in (("month", 1, 12), ("day", 1, 31), ("hour", 0, 23), ("minute", 0, 59)):
        inside = (plain >= least) & (plain <= most) | np.isnan(plain)
        if role not in taken and inside.all() and not np.isnan(plain).all():
            return role
    return None


_PART_NAMES: Final = {
    "year": ("year", "سنة", "عام"),
    "month": ("month", "شهر"),
    "minute": ("minute", "دقيقة"),
    "hour": ("hour", "ساعة"),
    "day": ("day", "يوم", "dom"),
}
