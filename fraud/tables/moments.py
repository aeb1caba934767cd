"""When each row happened: from one column or several, as dates or as plain numbers that only order the rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import numbers
from fraud.tables.dates import Order, month_of
from fraud.tables.errors import TableError
from fraud.tables.forms import Form, form_of
from fraud.tables.names import name_words

_CLOCK: Final = re.compile(r"^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?|[صم])?$", re.IGNORECASE)
_YEARS: Final = (1900, 2100)
_SHOWN: Final = 40
_SLIPS: Final = 0.01
"""Dates against the order of all others up to this share are slips, and count as missing."""
_DAY_OF_MONTH: Final = re.compile(r"day[\s_]*of[\s_]*(?:the[\s_]*)?month", re.IGNORECASE)
_PARTS: Final = ("year", "month", "day")
_NO_MOMENT: Final = "the time columns {} do not make one moment; give year, month and day, or a date and a time of day"


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of rows, float64 (n,): days since 1970 in UTC where ``dated``, else numbers of an unknown unit.

    ``form`` is how the cells were read, and ``notes`` say in words what of them was guessed or could not be read.
    """

    when: npt.NDArray[np.float64]
    dated: bool
    form: Form = field(default_factory=Form)
    notes: tuple[str, ...] = ()

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


def read_moments(frame: pd.DataFrame, columns: Sequence[str], *, day_first: bool | None = None) -> Moments:
    """Read the moments of rows from cleaned cells; nan where the columns say nothing, or nothing that can be read.

    Parameters
    ----------
    columns
        One column; or several that make one moment together: year, month (number or name) and day, or a date and a
        time of day, in any order.
    day_first
        Whether 03/04/2016 is in April, where a person said so; None where the cells decide.

    Raises
    ------
    TableError
        More than half of the cells are neither dates nor numbers, dates are in two orders, or the columns do not make
        a moment; it names column and row.
    """
    words = frame[columns[0]] if len(columns) == 1 else joined(frame, roles_of(frame, columns))
    name = " + ".join(columns)
    form = form_of(words, day_first=day_first)
    odd = _cells_against(form.order, name, words) if day_first is None else 0
    found, given = form.read(words), words.notna().to_numpy()
    bad = np.flatnonzero(np.isnan(found) & given)
    notes = list(form.notes(name))
    if len(bad):
        value = str(words.iloc[bad[0]])[:_SHOWN]
        if len(bad) > given.sum() / 2:
            kind = "a date or time" if form.dated else "a number, as most of its cells are,"
            raise TableError(f"the time “{name}” is not {kind} that can be read in row {bad[0] + 1}: “{value}”")
        rows = "1 row" if len(bad) == 1 else f"{len(bad):,} rows"
        what = " (some have day and month in the other order)" if odd else ""
        notes.append(
            f"{rows} with a time that cannot be read{what} {'was' if len(bad) == 1 else 'were'} left out, the first of "
            f"“{name}” in row {bad[0] + 1}: “{value}”"
        )
    return Moments(found, form.dated, form, tuple(notes))


def _cells_against(order: Order, name: str, words: pd.Series) -> int:
    """Count dates against the order of the others.

    Raises
    ------
    TableError
        They are more than a slip of the pen: then as many of those that fit both orders would be read wrongly.
    """
    odd = min(order.day, order.month)
    if odd > _SLIPS * (order.day + order.month):
        rows = [int(np.flatnonzero(words == cell)[0]) + 1 for cell in (order.day_cell, order.month_cell)]
        raise TableError(
            f"the dates of the time “{name}” are in two orders: in row {rows[0]} the day comes first "
            f"(“{order.day_cell}”), in row {rows[1]} the month (“{order.month_cell}”); write them in one, or say which "
            "holds with --day-first or --month-first"
        )
    return odd


def dates_in_parts(frame: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return the columns of year, month and day that share the rest of their name, by that rest: arrival_date."""
    found: dict[str, dict[str, str]] = {}
    for column in frame.columns:
        named = _DAY_OF_MONTH.sub("day", str(column))
        parts = re.fullmatch(r"(.*?)[\s_-]*(year|month|day)", named, re.IGNORECASE)
        if parts:
            found.setdefault(parts[1] or "date", {}).setdefault(parts[2].casefold(), str(column))
    return {rest: (of["year"], of["month"], of["day"]) for rest, of in found.items() if len(of) == len(_PARTS)}


def read_bound(text: str, like: Moments) -> float:
    """Read a bound that a person gives in the way that the column itself is read.

    Raises
    ------
    TableError
        It is not a date, or not a number where the column holds numbers.
    """
    words = pd.Series([text.strip()], dtype=object)
    value = like.form.as_date(words)[0] if like.dated else numbers(words)[0]
    if np.isnan(value):
        raise TableError(f"“{text}” is not {'a date' if like.dated else 'a number, as the time column is'}")
    return float(value)


def roles_of(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    """Return which column is which part of one moment, as the cells of these rows show: year, month, day, clock, ...

    Raises
    ------
    TableError
        The columns do not make a moment together.
    """
    roles: dict[str, str] = {}
    unclear = []
    for column in columns:
        role = _plain_role(frame[column], column)
        if role is None:
            unclear.append(column)
        elif role in roles:
            raise TableError(_NO_MOMENT.format(", ".join(columns)))
        else:
            roles[role] = column
    for column in unclear:
        role = _free_role(numbers(frame[column]), set(roles))
        if role is None:
            raise TableError(_NO_MOMENT.format(", ".join(columns)))
        roles[role] = column
    if "date" not in roles and not {"year", "month"} <= set(roles):
        raise TableError(f"the time columns {', '.join(columns)} hold no date: a year and a month are needed")
    return roles


def joined(frame: pd.DataFrame, roles: Mapping[str, str]) -> pd.Series:
    """Join the parts of a moment, as `roles_of` found them, to one text that `Form` reads."""
    parts = {role: frame[column].astype(object) for role, column in roles.items()}
    if "date" in parts:
        day = parts["date"]
    else:
        month = parts["month"].map(lambda word: str(month_of(word) or word), na_action="ignore")
        one = pd.Series("1", index=frame.index, dtype=object)
        day = _whole(parts["year"], 4) + "-" + _whole(month, 2) + "-" + _whole(parts.get("day", one), 2)
    if "clock" in parts:
        return (day + " " + parts["clock"].fillna("00:00")).astype(object)
    if "hour" in parts:
        minute = _whole(parts["minute"].fillna("0"), 2) if "minute" in parts else "00"
        return (day + " " + _whole(parts["hour"].fillna("0"), 2) + ":" + minute).astype(object)
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


_UNTIL_MIDNIGHT: Final = 1.0 - 1e-9
_NEARLY_ALL: Final = 0.99
_KNOWN: Final = 0.95
_FARTHEST: Final = 366.0
"""Days, at the median: what lies farther apart is a birth or an expiry, not a booking and its day."""
# Dates that are before or after a row's time, but neither its making nor its outcome.
_OTHER: Final = (
    "birth born dob birthdate birthday signup sign registered registration joined join since opened open first last "
    "previous member expiry expires expire expiration valid until مولد ميلاد تسجيل انتهاء صلاحية"
)
_OTHER_WORDS: Final = frozenset(_OTHER.split())


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each row was made and when its outcome is known, float64 (n,), and the columns that say so.

    ``lead`` is the number of midnights between the two, nan where unknown; None without a second date.
    """

    made: npt.NDArray[np.float64]
    known: npt.NDArray[np.float64]
    made_name: str
    known_name: str
    lead: npt.NDArray[np.float64] | None


def timeline(
    moments: Moments,
    name: str,
    others: Mapping[str, npt.NDArray[np.float64]],
    *,
    train: npt.NDArray[np.bool_],
    delay: float,
) -> Timeline:
    """Find out when rows were made and when their outcomes are known, from the training rows' dates.

    A second date that nearly never is after the row's time says when the row was made; one that nearly never is
    before it says when the outcome is known. Where there are several the nearest counts. Of an outcome with a day but
    no time of day nothing is known before the next midnight.

    Parameters
    ----------
    others
        Further dates, float64 (n,), by the name of their column.
    delay
        After this many days more the outcome is known.
    """
    at = moments.when
    earlier, later = (name, at), (name, at)
    if moments.dated:
        found: dict[bool, list[tuple[float, str]]] = {True: [], False: []}
        for other, when in others.items():
            days = (np.floor(when) - np.floor(at))[train]
            known = days[~np.isnan(days)]
            if len(known) < _KNOWN * len(days) or _OTHER_WORDS & set(name_words(other)) or not known.any():
                continue
            middle = float(np.median(np.abs(known)))
            for after in (True, False):
                if np.mean(known >= 0 if after else known <= 0) >= _NEARLY_ALL and middle <= _FARTHEST:
                    found[after].append((middle, other))
        if found[False]:
            made = min(found[False])[1]
            earlier = (made, others[made])
        if found[True]:
            outcome = min(found[True])[1]
            later = (outcome, others[outcome])
    made_at = np.where(np.isnan(earlier[1]), at, np.minimum(earlier[1], at))
    # A day without a time of day is over at its midnight, even where the row itself was made in the course of that day.
    outcome_at = later[1]
    if Moments(outcome_at[train], moments.dated).whole_days:
        outcome_at = outcome_at + _UNTIL_MIDNIGHT
    known_at = np.where(np.isnan(outcome_at), at, np.maximum(outcome_at, at))
    lead = None
    if earlier[0] != later[0]:
        lead = np.floor(later[1]) - np.floor(earlier[1])
    return Timeline(
        made=made_at,
        known=known_at + delay,
        made_name=earlier[0],
        known_name=later[0],
        lead=lead,
    )
