"""From a raw table to rows with a label and a moment, in one order, cut by time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import cleaned
from fraud.tables.columns import Column, column_of
from fraud.tables.errors import TableError
from fraud.tables.labels import read_labels
from fraud.tables.moments import Moments, dates_in_parts, read_bound, read_moments
from fraud.tables.names import find_column

_LEAST_ROWS = 200
LEAST_TAUGHT: Final = 20
_LEAST_MEASURED = 5
_TRAINED_ON = 0.8
_ORDERS: Final = {True: "--day-first", False: "--month-first"}


@dataclass(slots=True)
class Prepared:
    """Cleaned rows in the order of time; ``train`` is true for those before ``bound``.

    ``day_first`` has the columns of whose dates a person said whether the day stands first.
    """

    frame: pd.DataFrame
    labels: npt.NDArray[np.bool_]
    positive: str
    moments: Moments
    time: str
    time_columns: tuple[str, ...]
    bound: float
    train: npt.NDArray[np.bool_]
    day_first: Mapping[str, bool] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _dates: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict, init=False)

    def dates(self, column: Column) -> npt.NDArray[np.float64]:
        """Return the moments in a column of dates, float64 (n,), nan where none is; they are read once."""
        if column.name not in self._dates:
            self._dates[column.name] = column.form.read(self.frame[column.name])
        return self._dates[column.name]


def prepare(
    table: pd.DataFrame,
    *,
    label: str,
    time: Sequence[str],
    positive: Sequence[str],
    train_before: str | None,
    keep_duplicates: bool,
    day_first: Mapping[str, bool] | None = None,
) -> Prepared:
    """Clean, label, date, de-duplicate and sort the rows, and cut them by time.

    Equal tables give equal rows, in whatever order they come.

    Raises
    ------
    TableError
        A column is missing, the label or the time cannot be read, or too few rows remain on a side of the cut.
    """
    if table.columns.duplicated().any():
        twice = table.columns[table.columns.duplicated()][0]
        raise TableError(f"the table has two columns “{twice}”")
    frame = pd.DataFrame({str(name).strip(): cleaned(table[name]) for name in table.columns}).reset_index(drop=True)
    label = column_of(frame, label, "--label")
    times = _time_columns(frame, time)
    if label in times:
        raise TableError(f"“{label}” cannot be the label and the time at once")
    orders = {column_of(frame, name, _ORDERS[first]): first for name, first in (day_first or {}).items()}
    moments = read_moments(frame, times, day_first=next((orders[name] for name in times if name in orders), None))
    notes = list(moments.notes)
    order = _usable(frame, label, times, moments, notes, keep_duplicates=keep_duplicates)
    if len(order) < _LEAST_ROWS:
        raise TableError(f"{len(order)} rows can be used; at least {_LEAST_ROWS} are needed")
    bound = _bound(moments.when[order], moments, train_before)
    truth, meaning = read_labels(frame[label].iloc[order], positive, early=moments.when[order] < bound)
    if count := int(np.isnan(truth).sum()):
        odd = frame[label].iloc[order[np.isnan(truth)][0]]
        what = "1 row with another label was" if count == 1 else f"{count:,} rows with other labels were"
        notes.append(f"{what} left out, such as “{odd}”")
        order, truth = order[~np.isnan(truth)], truth[~np.isnan(truth)]
    at, labels = moments.when[order], truth == 1
    prepared = Prepared(
        frame=frame.iloc[order].reset_index(drop=True).drop(columns=[label]),
        labels=labels,
        positive=f"{label} = {meaning}",
        moments=Moments(at, moments.dated, moments.form),
        time=" + ".join(times),
        time_columns=times,
        bound=bound,
        train=at < bound,
        day_first=orders,
        notes=notes,
    )
    _check_sides(prepared)
    return prepared


def _usable(
    frame: pd.DataFrame,
    label: str,
    times: Sequence[str],
    moments: Moments,
    notes: list[str],
    *,
    keep_duplicates: bool,
) -> npt.NDArray[np.intp]:
    """Return the places of the rows with label and time, in the order of time; ``notes`` get what is lost."""
    unlabelled, timeless = frame[label].isna().to_numpy(), frame[list(times)].isna().all(axis=1).to_numpy()
    for lost, why in ((unlabelled, "no label"), (timeless & ~unlabelled, "no time")):
        if count := int(lost.sum()):
            notes.append(f"1 row with {why} was left out" if count == 1 else f"{count:,} rows with {why} were left out")
    kept = ~unlabelled & ~np.isnan(moments.when)
    if not keep_duplicates:
        again = frame.duplicated().to_numpy() & kept
        if count := int(again.sum()):
            what = "1 exact duplicate was" if count == 1 else f"{count:,} exact duplicates were"
            notes.append(f"{what} left out (--keep-duplicates keeps {'it' if count == 1 else 'them'})")
        kept &= ~again
    # Rows of one instant are ordered by what they hold, so that the order of the file changes nothing.
    content = pd.util.hash_pandas_object(frame.fillna(""), index=False).to_numpy()
    order = np.lexsort((content, moments.when))
    return order[kept[order]]


def _time_columns(frame: pd.DataFrame, time: Sequence[str]) -> tuple[str, ...]:
    """Read names given one by one, or with commas between them; arrival_date stands for its year, month and day."""
    parts = dates_in_parts(frame)
    names = [name for one in time for name in ([one] if find_column(frame, one) else parts.get(one) or one.split(","))]
    found = tuple(column_of(frame, name.strip(), "--time") for name in names if name.strip())
    if not found or len(set(found)) < len(found):
        raise TableError("--time needs the name of a column, or of several different ones with commas between them")
    return found


def _bound(at: npt.NDArray[np.float64], moments: Moments, train_before: str | None) -> float:
    if at[0] == at[-1]:
        raise TableError("all rows have the same time: nothing can be held out by time")
    if train_before is not None:
        bound = read_bound(train_before, moments)
        if not at[0] < bound <= at[-1]:
            raise TableError(
                f"--train-before {train_before} leaves a side empty: the rows are from {moments.told(at[0])} "
                f"until {moments.told(at[-1])}"
            )
        return bound
    place = int(len(at) * _TRAINED_ON)
    # Equal instants stay on one side; where the earliest of all is that common, what follows it is held out.
    return float(at[place] if at[place] > at[0] else at[at > at[0]][0])


def _check_sides(rows: Prepared) -> None:
    told = rows.moments.told(rows.bound)
    for side, where, least in ((rows.train, "before", LEAST_TAUGHT), (~rows.train, "from", _LEAST_MEASURED)):
        true, all_rows = int(rows.labels[side].sum()), int(side.sum())
        if min(true, all_rows - true) < least:
            raise TableError(
                f"of the {all_rows:,} rows {where} {told} {true:,} are true; at least {least} true and {least} false "
                "ones are needed there"
            )
