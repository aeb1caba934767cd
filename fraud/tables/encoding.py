"""Turn columns into numbers for trees; everything that is learned is learned from the training rows."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import groups_by_comma, numbers
from fraud.tables.columns import Column, Kind
from fraud.tables.preparing import Prepared

_MOST_VALUES: Final = 250
"""Values of a category that keep a place of their own (trees take 255); the rarer ones share one."""
_LEAST_ROWS: Final = 5
_COUNTED_FROM: Final = 30
_FARTHEST: Final = 40_000.0
"""Days: 9999-12-31 means "no end" and counts as this far."""
_YEAR: Final = 365.25
_WORD: Final = re.compile(r"\w{2,}")
_MOST_WORDS: Final = 60
_COMMON: Final = (0.01, 0.9)
"""Words of a text count where at least and at most these shares of the training rows have them."""


@dataclass(frozen=True, slots=True)
class Features:
    """Numbers for trees: float64 (n, f), whether each is a category, its name, and the column that it comes from."""

    matrix: npt.NDArray[np.float64]
    names: tuple[str, ...]
    categories: npt.NDArray[np.bool_]
    sources: tuple[str, ...]

    def without(self, sources: Sequence[str]) -> "Features":
        """Return the features of all other columns."""
        return self.where(np.array([source not in set(sources) for source in self.sources], dtype=bool))

    def where(self, kept: npt.NDArray[np.bool_]) -> "Features":
        """Return the features that are ``kept``, bool (f,)."""
        return Features(
            self.matrix[:, kept],
            tuple(name for name, keep in zip(self.names, kept, strict=True) if keep),
            self.categories[kept],
            tuple(source for source, keep in zip(self.sources, kept, strict=True) if keep),
        )


@dataclass
class _Building:
    n: int
    columns: list[npt.NDArray[np.float64]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    categories: list[bool] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def add(self, source: str, name: str, values: npt.NDArray[np.float64], *, category: bool = False) -> None:
        self.columns.append(values)
        self.names.append(name)
        self.categories.append(category)
        self.sources.append(source)

    def done(self) -> Features:
        values = np.column_stack(self.columns) if self.columns else np.empty((self.n, 0))
        return Features(values, tuple(self.names), np.array(self.categories, dtype=bool), tuple(self.sources))


def encode(rows: Prepared, columns: Sequence[Column]) -> Features:
    """Encode cleaned cells of all rows; vocabularies and counts come from the training rows.

    Numbers stay numbers, with a category beside for words among them. Categories become codes by frequency, with
    their count where there are many. A date becomes the days to the row's time, weekday, hour, and the month where
    the training rows span two years. Of a text its length, words, digits and capitals are counted.
    """
    moments, time_name, train = rows.moments, rows.time, rows.train
    building = _Building(len(rows.frame))
    seasons = moments.dated and float(np.ptp(moments.when[train])) >= 2 * _YEAR
    if moments.dated:
        _calendar(building, time_name, moments.when, seasons=seasons, train=train)
    for column in columns:
        words = rows.frame[column.name]
        if column.kind is Kind.NUMBER:
            _number(building, words, train)
        elif column.kind in {Kind.CATEGORY, Kind.KEY}:
            _category(building, column.name, words, train)
        elif column.kind is Kind.DATE:
            at = rows.dates(column)
            if moments.dated:
                away = np.clip(at - moments.when, -_FARTHEST, _FARTHEST)
                building.add(column.name, f"{column.name}: days after {time_name}", away)
                whole = np.floor(at) - np.floor(moments.when)
                building.add(
                    column.name, f"{column.name}: whole days after {time_name}", np.clip(whole, -_FARTHEST, _FARTHEST)
                )
            _calendar(building, column.name, at, seasons=seasons, train=train)
        elif column.kind is Kind.TEXT:
            _text(building, column.name, words, train)
    return building.done()


def _number(building: _Building, words: pd.Series, train: npt.NDArray[np.bool_]) -> None:
    name = str(words.name)
    plain = numbers(words, grouped=groups_by_comma(words[train]))
    building.add(name, name, plain)
    worded = np.isnan(plain) & words.notna().to_numpy()
    if worded[train].any():
        _category(building, f"{name}: words", words.where(worded), train, source=name)


def _category(
    building: _Building, name: str, words: pd.Series, train: npt.NDArray[np.bool_], *, source: str | None = None
) -> None:
    counts = words[train].str.casefold().value_counts()
    counts = counts.sort_index().sort_values(ascending=False, kind="stable")
    kept = counts.index[:_MOST_VALUES]
    kept = kept[counts[kept] >= _LEAST_ROWS]
    code = {value: float(place) for place, value in enumerate(kept)}
    folded = words.str.casefold()
    rare = float(len(code))
    values = folded.map(lambda word: code.get(word, rare), na_action="ignore").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    building.add(source or name, name, values, category=True)
    if len(counts) >= _COUNTED_FROM:
        many = folded.map(counts).fillna(0).to_numpy(dtype=np.float64)
        building.add(source or name, f"{name}: how common", np.where(folded.isna(), np.nan, many))


def _calendar(
    building: _Building,
    name: str,
    at: npt.NDArray[np.float64],
    *,
    seasons: bool,
    train: npt.NDArray[np.bool_],
) -> None:
    day = np.floor(at)
    building.add(name, f"{name}: weekday", np.mod(day + 3, 7))  # 1970-01-01 was a Thursday
    hour = (at - day) * 24
    if np.nanmax(np.where(np.isnan(hour[train]), 0, hour[train]), initial=0) > 0:
        building.add(name, f"{name}: hour", np.floor(hour * 60 + 1e-3) / 60)
    if seasons:
        building.add(name, season_name(name), (at - 10_957) % _YEAR)


def season_name(name: str) -> str:
    """Return the name of the feature for the season of a date."""
    return f"{name}: day of the year"


def _text(building: _Building, name: str, words: pd.Series, train: npt.NDArray[np.bool_]) -> None:
    for what, pattern in (("letters", r"."), ("words", r"\s+"), ("digits", r"\d"), ("marks", r"[!?@#/:$%]")):
        count = words.str.count(pattern).to_numpy(dtype=np.float64, na_value=np.nan)
        building.add(name, f"{name}: {what}", np.asarray(count, dtype=np.float64))
    bags = [frozenset(_WORD.findall(text.casefold())) if isinstance(text, str) else frozenset() for text in words]
    counts = Counter(word for bag, taught in zip(bags, train, strict=True) if taught for word in bag)
    least, most = _COMMON[0] * train.sum(), _COMMON[1] * train.sum()
    common = sorted((word for word, count in counts.items() if least <= count <= most), key=lambda w: (-counts[w], w))
    for word in common[:_MOST_WORDS]:
        building.add(name, f"{name}: has “{word}”", np.array([word in bag for bag in bags], dtype=np.float64))
