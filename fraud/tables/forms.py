"""How the dates of a column are written: found out from some of its cells, then every cell is read by itself."""

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import groups_by_comma, numbers
from fraud.tables.dates import Order, order_of, read_dates

_COMPACT: Final = re.compile(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?$")
# Unix time in seconds, milli-, micro- and nanoseconds between 1990 and 2100, and how many of them are a day.
_UNIX: Final = tuple((631e6 * unit, 4.1e9 * unit, 86_400 * unit) for unit in (1, 1e3, 1e6, 1e9))
_NEARLY_ALL: Final = 0.9
GUESSED: Final = "dates were read as day/month/year; no date shows otherwise"
SHORT_YEARS: Final = "the last two digits of dates such as 03/04/16 were read as the year"


@dataclass(frozen=True, slots=True)
class Form:
    """How the moments of a column are written: as dates, as Unix time, or as numbers that only order the rows.

    ``day`` is how many units of Unix time a day has, ``order`` what the cells show of the order of day and month,
    ``day_first`` the one order in which all are read, and ``guessed`` whether nothing showed it.
    """

    dated: bool = True
    day: float | None = None
    order: Order = field(default_factory=Order)
    day_first: bool = True
    guessed: bool = False
    grouped: bool = True

    def read(self, words: pd.Series) -> npt.NDArray[np.float64]:
        """Return moments of cleaned cells, float64 (n,), nan where one is not; no cell changes how others are read."""
        if not self.dated:
            return numbers(words, grouped=self.grouped)
        dates = self.as_date(words)
        if self.day is None:
            return dates
        days = numbers(words, grouped=True) / self.day
        return np.where(np.isnan(dates) & _likely(days * self.day, self.day), days, dates)

    def as_date(self, words: pd.Series) -> npt.NDArray[np.float64]:
        """Read cells as dates of any form, float64 (n,), but not as Unix time."""
        dates, compact = read_dates(words, day_first=self.day_first), _compact(words)
        if not compact.any():
            return dates
        digits = words[compact]
        clock = digits.str.slice(8).where(digits.str.len() > 8, "0000")  # noqa: PLR2004 - the digits of a day
        iso = digits.str.replace(r"^(\d{4})(\d\d)(\d\d).*", r"\1-\2-\3", regex=True)
        iso = iso + clock.str.replace(r"^(\d\d)(\d\d)(\d\d)?$", r" \1:\2:\3", regex=True).str.removesuffix(":")
        dates[compact] = read_dates(iso)
        return dates

    def notes(self, name: str) -> list[str]:
        """Say what of the order of day, month and year was guessed."""
        told = [f"{name}: {GUESSED}"] if self.dated and self.guessed else []
        return [*told, f"{name}: {SHORT_YEARS}"] if self.dated and self.order.short_years else told


def form_of(words: pd.Series, *, day_first: bool | None = None) -> Form:
    """Find out from cleaned cells how a column is written.

    As dates where at least as many cells are dates as are other numbers. The cells decide whether 03/04/2016 is in
    April, unless ``day_first`` says it.
    """
    known = words.dropna()
    order = order_of(known.unique())
    first = order.day_first if day_first is None else day_first
    plain = numbers(known)
    compact = int(_compact(known).sum())
    dates = int((~np.isnan(read_dates(known, day_first=first))).sum())
    count = int((~np.isnan(plain)).sum())
    guessed = order.guessed and day_first is None
    if dates >= count or compact >= _NEARLY_ALL * count:
        return Form(order=order, day_first=first, guessed=guessed)
    for _, _, day in _UNIX:
        if _likely(plain, day).sum() >= _NEARLY_ALL * count:
            return Form(day=day, order=order, day_first=first, guessed=guessed)
    return Form(dated=False, grouped=groups_by_comma(known))


def _likely(plain: npt.NDArray[np.float64], day: float) -> npt.NDArray[np.bool_]:
    low, high, _ = next(unit for unit in _UNIX if unit[2] == day)
    return (plain >= low) & (plain <= high)


def _compact(words: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which cells are of the form 20160531 or 20160531183808, bool (n,)."""
    codes, found = pd.factorize(words, use_na_sentinel=True)
    matches = np.array([*(_COMPACT.match(str(word)) is not None for word in found), False], dtype=bool)
    return matches[codes]
