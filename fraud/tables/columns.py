"""The kinds of columns, and what is known of one: its kind, the evidence, and how its cells are read."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import numbers
from fraud.tables.errors import TableError
from fraud.tables.forms import Form
from fraud.tables.names import closest, find_column


class Kind(StrEnum):
    """How a column is read. Those of ``LEFT_OUT`` teach nothing."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    KEY = "key"
    CONSTANT = "constant"
    IDENTIFIER = "identifier"
    RUNNING = "running"


LEFT_OUT: Final = frozenset({Kind.CONSTANT, Kind.IDENTIFIER, Kind.RUNNING})
SAYABLE: Final = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.DATE, Kind.TEXT, Kind.KEY, Kind.IDENTIFIER})
"""Kinds that a person can say a column is of."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, why in words, how its dates are written, and whether a person said of what kind it is."""

    name: str
    kind: Kind
    why: str = ""
    form: Form = field(default_factory=Form)
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Columns by name: ``owner`` says whose a row is, ``kinds`` of what kind some are; the others go or stay."""

    owner: str | None
    dropped: frozenset[str]
    kept: frozenset[str]
    kinds: Mapping[str, Kind]


def asked_of(
    frame: pd.DataFrame,
    *,
    group: str | None,
    drop: Sequence[str],
    keep: Sequence[str],
    kinds: Sequence[tuple[str, str]],
) -> Asked:
    """Find the columns that a person named.

    Raises
    ------
    TableError
        No column has a name, a kind is none that can be said, or two things are said of one column.
    """
    owner = None if group is None else column_of(frame, group, "--group")
    dropped = {column_of(frame, name, "--drop") for name in drop}
    said: dict[str, Kind] = {} if owner is None else {owner: Kind.KEY}
    for name, kind in kinds:
        if kind not in SAYABLE:
            raise TableError(f"“{kind}” is not a kind of column; there are {', '.join(sorted(SAYABLE))}")
        column = column_of(frame, name, f"--{kind}")
        if said.get(column, Kind(kind)) is not Kind(kind):
            raise TableError(f"“{column}” cannot be a {said[column]} and a {kind} at once")
        said[column] = Kind(kind)
    kept = {column_of(frame, name, "--keep") for name in keep}
    if twice := sorted(dropped & ({*said} | kept)):
        raise TableError(f"“{twice[0]}” cannot be dropped and used at once")
    return Asked(owner, frozenset(dropped), frozenset(kept), said)


def column_of(frame: pd.DataFrame, asked: str, option: str) -> str:
    """Return the column that was asked for.

    Raises
    ------
    TableError
        No column has it; the message has the names that are most alike.
    """
    found = find_column(frame, asked)
    if found is None:
        raise TableError(f"{option}: there is no column “{asked}”; {closest(frame, asked)}")
    return found


_HEX: Final = re.compile(r"(?=.*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*", re.IGNORECASE)
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MIXED: Final = re.compile(r"(?=.*\d)(?=.*[^\W\d_])\S{8,}")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_DIGITS: Final = re.compile(r"\d+")
_ZERO: Final = re.compile(r"0\d")
_PLUS: Final = re.compile(r"\+\d{6}")
_ONE_SHAPE: Final = 0.8
_SHOWN_SHAPE: Final = 400
"""Different values of which the shapes are looked at."""


@dataclass
class Held:
    """Cleaned cells of some rows: which different values there are, and how often."""

    words: pd.Series

    def __post_init__(self) -> None:
        """Give each different value a number, in the order in which they come."""
        codes, values = pd.factorize(self.words, use_na_sentinel=True)
        self.codes: npt.NDArray[np.int64] = np.asarray(codes, dtype=np.int64)
        """The number of each cell's value, int64 (n,); -1 where nothing is said."""
        self.different = pd.Series(np.asarray(values, dtype=object), name=self.words.name, dtype=object)
        self.counts: npt.NDArray[np.int64] = np.bincount(self.codes[self.codes >= 0], minlength=len(values))

    @property
    def name(self) -> str:
        """The name of the column."""
        return str(self.words.name)

    @property
    def known(self) -> int:
        """How many cells say something."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """How many different things they say."""
        return len(self.different)

    @property
    def unique(self) -> float:
        """The different values' share of the cells that say something."""
        return self.distinct / max(self.known, 1)

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The number that each different value is, float64 (d,); nan where it is none."""
        return numbers(self.different)

    @cached_property
    def numeric(self) -> float:
        """The numbers' share of the cells that say something."""
        return float(self.counts[~np.isnan(self.numbers)].sum()) / max(self.known, 1)

    @cached_property
    def each(self) -> npt.NDArray[np.float64]:
        """The number of each cell, float64 (n,); nan where it is none."""
        return np.append(self.numbers, np.nan)[self.codes]

    @cached_property
    def whole(self) -> bool:
        """Whether nearly all numbers are whole."""
        plain = self.numbers[~np.isnan(self.numbers)]
        return bool(len(plain)) and bool((plain == np.floor(plain)).mean() > 0.99)  # noqa: PLR2004

    @cached_property
    def padded(self) -> bool:
        """Whether numbers are filled up with zeros on the left, 00417, or all begin with +, as no amount does."""
        plain = self.different.to_numpy()[~np.isnan(self.numbers)].tolist()
        if not plain:
            return False
        ahead, plus = (sum(shape.match(value) is not None for value in plain) / len(plain) for shape in (_ZERO, _PLUS))
        return ahead >= 0.02 or plus > _ONE_SHAPE  # noqa: PLR2004

    @cached_property
    def issued(self) -> str:
        """The shape in words, where nearly all values look like something that a program or an office gave out."""
        some = [str(value) for value in self.different[:_SHOWN_SHAPE]]
        if not some:
            return ""
        for what, pattern in (("addresses of mail", _MAIL), ("hexadecimal", _HEX)):
            if sum(pattern.fullmatch(value) is not None for value in some) >= _ONE_SHAPE * len(some):
                return what
        shapes = [_DIGITS.sub("9", _LETTERS.sub("A", value)) for value in some]
        shape, count = Counter(shapes).most_common(1)[0]
        if {"A", "9"} <= set(shape) and " " not in shape and count >= _ONE_SHAPE * len(some):
            return f"like “{some[shapes.index(shape)]}”"
        long = [value for value in some if len(value) == len(some[0]) and _MIXED.fullmatch(value)]
        return f"{len(some[0])} signs each" if len(long) >= _ONE_SHAPE * len(some) else ""

    @cached_property
    def blanks(self) -> float:
        """How many words a cell has, in the mean."""
        return float(np.average(self.different.str.count(r"\s+") + 1, weights=self.counts)) if self.distinct else 0.0
