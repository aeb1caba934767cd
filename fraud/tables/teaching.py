"""Which training rows may teach: those whose outcome was known before the held-out time began."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fraud.tables.columns import Column, Kind
from fraud.tables.errors import TableError
from fraud.tables.lead import Timeline, timeline
from fraud.tables.preparing import LEAST_TAUGHT, Prepared


def timeline_of(rows: Prepared, taught: Sequence[Column], delay: float) -> Timeline:
    """Return when each row was made and when its outcome was known, by its date columns and ``delay`` days."""
    dates = {one.name: rows.dates(one) for one in taught if one.kind is Kind.DATE}
    return timeline(rows.moments, rows.time, dates, train=rows.train, delay=delay)


def known_rows(rows: Prepared, taught: Sequence[Column], delay: float) -> npt.NDArray[np.bool_]:
    """Return the training rows whose outcomes may be looked at for leaks, as known when the held-out time began."""
    known = rows.train & (timeline_of(rows, taught, delay).known < rows.bound)
    # A date that leaks may say by mistake that hardly any was known: then the delay alone decides.
    return known if _least(rows, known) >= LEAST_TAUGHT else teachable(rows, timeline_of(rows, (), delay))


def teachable(rows: Prepared, times: Timeline) -> npt.NDArray[np.bool_]:
    """Leave out training rows whose outcome was not known yet when the held-out time began.

    Raises
    ------
    TableError
        Too few were known by then: a model made at that moment could not have learned from the others.
    """
    teach = rows.train & (times.known < rows.bound)
    if _least(rows, teach) < LEAST_TAUGHT:
        why = ""
        if times.known_name != rows.time:
            why = f"; an outcome counts as known once its “{times.known_name}” is over, unless that column is dropped"
        raise TableError(
            f"of the {int(rows.train.sum()):,} training rows {int(teach.sum()):,} had an outcome that was known before "
            f"{rows.moments.told(rows.bound)} ({int(rows.labels[teach].sum()):,} true); at least {LEAST_TAUGHT} true "
            f"and {LEAST_TAUGHT} false ones are needed: choose a later --train-before or a shorter --delay{why}"
        )
    return teach


def time_notes(rows: Prepared, times: Timeline, teach: npt.NDArray[np.bool_]) -> list[str]:
    """Say by which dates rows are made and known, and how many were not known in time to teach."""
    notes = []
    if times.lead is not None:
        notes.append(
            f"a row is made at its {times.made_name}, its outcome counts as known once its {times.known_name} is over"
        )
    if lost := int(rows.train.sum() - teach.sum()):
        what = (
            "1 row did not teach: its outcome was" if lost == 1 else f"{lost:,} rows did not teach: their outcomes were"
        )
        notes.append(f"{what} not known before {rows.moments.told(rows.bound)}")
    return notes


def _least(rows: Prepared, some: npt.NDArray[np.bool_]) -> int:
    """Count the outcomes of the rarer kind."""
    true = int(rows.labels[some].sum())
    return min(true, int(some.sum()) - true)
