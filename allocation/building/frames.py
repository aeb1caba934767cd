"""Frames that somebody hands in: read column by column, refused with the frame, the column and the first bad row."""

from collections.abc import Sequence
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

WIDEST: Final = 1 << 53
"""Whole numbers are read up to here: beyond it a column with missing values, held as floats, would round them."""


class Table:
    """A frame with a name. Rows are numbered from 0 in what it raises, whatever the frame's index is.

    Parameters
    ----------
    name
        What to call the frame in errors.
    frame
        The frame itself; never changed.
    required, optional
        All columns that it may have. One that nobody knows is refused: it may be a misspelt one.

    Raises
    ------
    ValueError
        A required column is missing, or a column is unknown or there twice.
    """

    def __init__(self, name: str, frame: pd.DataFrame, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        self.name, self._frame, self.rows = name, frame, len(frame)
        given = list(frame.columns)
        for column in required:
            if column not in given:
                raise ValueError(f"{name}: no column {column!r}")
        for column in given:
            if column not in required and column not in optional:
                raise ValueError(f"{name}: unknown column {column!r}, expected {', '.join([*required, *optional])}")
            if given.count(column) > 1:
                raise ValueError(f"{name}: column {column!r} is there twice")

    def has(self, column: str) -> bool:
        """Whether the frame has an optional column."""
        return column in self._frame.columns

    def integers(
        self, column: str, low: int, high: int, *, default: int | NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Whole numbers from low to high, int64 (rows,); the default where the frame has no such column."""
        if default is not None and not self.has(column):
            return np.full(self.rows, default, np.int64)
        series = self._frame[column]
        self._refuse_missing(column, series)
        values = self._whole(column, series)
        wrong = (values < low) | (values > high)
        self.refuse(column, wrong, f"expected {low} to {high}")
        return values

    def days(self, column: str, *, missing: int | None = None) -> tuple[NDArray[np.int64], bool | None]:
        """Days since 1970-01-01, int64 (rows,), and whether they were given as dates, as numbers (or None: not at all).

        Dates, datetimes without a time zone, texts such as 2026-11-08, or whole numbers. Without ``missing`` every row
        needs one; with it, that is the value of missing rows, or of all where the frame has no such column.
        """
        if missing is not None and not self.has(column):
            return np.full(self.rows, missing, np.int64), None
        series = self._frame[column]
        none = series.isna().to_numpy()
        if missing is None:
            self._refuse_missing(column, series)
        if none.all():  # such a column, or an empty one, may be of any type
            return np.full(self.rows, missing or 0, np.int64), None
        if pd.api.types.infer_dtype(series, skipna=True) in {"integer", "floating", "mixed-integer-float"}:
            values, dates = self._whole(column, series.where(~none, 0)), False
            self.refuse(column, np.abs(values) > np.iinfo(np.int32).max, "expected a day")
        else:
            values, dates = self._from_dates(column, series, none), True
        return np.where(none, missing or 0, values), dates

    def flags(self, column: str, *, default: bool) -> NDArray[np.bool_]:
        """Trues and falses, bool (rows,); the default where the frame has no such column."""
        if not self.has(column):
            return np.full(self.rows, default, np.bool_)
        series = self._frame[column]
        self._refuse_missing(column, series)
        if pd.api.types.is_bool_dtype(series.dtype):
            return series.to_numpy(np.bool_)
        known = series.isin([True, False]).to_numpy()
        self.refuse(column, ~known, "expected true or false")
        return series.astype(np.bool_).to_numpy()

    def labels(self, column: str, *, default: str | None = None, missing: bool = False) -> "pd.Series[Any]":
        """Names or numbers that stand for something else; missing ones only where they are allowed."""
        if default is not None and not self.has(column):
            return pd.Series(pd.Categorical.from_codes(np.zeros(self.rows, np.int8), pd.Index([default])))
        series = self._frame[column].reset_index(drop=True)
        if not missing:
            self._refuse_missing(column, series)
        return series

    def codes(self, column: str, series: "pd.Series[Any]", known: "pd.Index[Any]", what: str) -> NDArray[np.int64]:
        """Row of each label in ``known``, int64 (rows,); ValueError at the first that is missing."""
        codes = codes_of(series, known)
        self.refuse(column, codes < 0, f"there is no such {what}")
        return codes

    def distinct(self, column: str, *keys: NDArray[Any]) -> None:
        """Raise ValueError at the first row whose keys, taken together, appear in an earlier row."""
        rows = np.lexsort(keys[::-1])
        same = np.ones(max(0, self.rows - 1), np.bool_)
        for key in keys:
            same &= key[rows][1:] == key[rows][:-1]
        if same.any():
            row = int(rows[1:][same].min())
            self.fail(column, row, "repeats an earlier row")

    def refuse(self, column: str, wrong: NDArray[np.bool_], message: str) -> None:
        """Raise ValueError at the first row that is wrong."""
        if wrong.any():
            row = int(np.argmax(wrong))
            self.fail(column, row, f"is {self._frame[column].iloc[row]!s}, {message}")

    def fail(self, column: str, row: int, message: str) -> NoReturn:
        """Raise ValueError for a row."""
        raise ValueError(f"{self.name}: {column}: row {row} {message}")

    def _refuse_missing(self, column: str, series: "pd.Series[Any]") -> None:
        none = series.isna().to_numpy()
        if none.any():
            self.fail(column, int(np.argmax(none)), "is missing")

    def _whole(self, column: str, series: "pd.Series[Any]") -> NDArray[np.int64]:
        """Whole numbers of a column without missing values."""
        kind = series.dtype.kind
        if kind in "iub" and isinstance(series.dtype, np.dtype):
            values = series.to_numpy()
            self.refuse(column, values > np.iinfo(np.int64).max, "which is too large")
            return values.astype(np.int64)
        numbers = pd.to_numeric(series, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        self.refuse(column, ~(np.abs(numbers) <= WIDEST) | (numbers != np.rint(numbers)), "expected a whole number")
        return numbers.astype(np.int64)

    def _from_dates(self, column: str, series: "pd.Series[Any]", none: NDArray[np.bool_]) -> NDArray[np.int64]:
        if not pd.api.types.is_datetime64_any_dtype(series.dtype):
            if pd.api.types.infer_dtype(series, skipna=True).startswith("mixed"):
                number = series.map(lambda value: isinstance(value, int | float)).to_numpy(np.bool_)
                self.refuse(column, number & ~none, "expected a day")
            read = pd.to_datetime(series, errors="coerce", format="ISO8601")
            self.refuse(column, read.isna().to_numpy() & ~none, "expected a day")
            series = read
        if getattr(series.dtype, "tz", None) is not None:
            raise ValueError(f"{self.name}: {column}: days of an office have no time zone")
        return series.to_numpy().astype("datetime64[D]").astype(np.int64)


def codes_of(series: "pd.Series[Any]", known: "pd.Index[Any]") -> NDArray[np.int64]:
    """Row of each label in ``known``, int64; -1 where it is not there or missing."""
    number, distinct = pd.factorize(series)
    # the last place answers for -1, a missing label
    found = np.append(known.get_indexer(pd.Index(distinct)), -1)
    return found[number].astype(np.int64)


def sorted_labels(*columns: "pd.Series[Any]") -> "pd.Index[Any]":
    """All labels of some columns, each once, sorted: the rows' order then changes nothing."""
    distinct = [pd.Series(pd.factorize(column)[1], dtype=object) for column in columns]
    return pd.Index(pd.factorize(pd.concat(distinct), sort=True)[1])
