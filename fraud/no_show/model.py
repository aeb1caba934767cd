"""Who may not come to an appointment: for reminders and overbooking only.

No verdict can depend on it: the gate never imports this module (a test holds the graph of imports), and it has a table
of its own. Not coming is human; it earns a second reminder, never a suspicion.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.artifact import Artifact, Schema, Thresholds
from fraud.scoring.fairness import capacity_threshold
from fraud.scoring.fitting import fit_model

FEATURES: Final = (
    "days_ahead",
    "hour_of_day",
    "weekday",
    "party_size",
    "asks_from_abroad",
    "given_by_draw",
    "moves",
    "earlier_no_shows",
    "earlier_visits",
    "earlier_cancellations",
)
"""Known when the appointment was made. ``days_ahead`` from then to the appointment; the hour and the weekday (0 Monday)
are the office's; ``moves`` are reschedulings of the request; the earlier ones are the account's, in a year before."""

NO_SHOW_SCHEMA: Final = Schema(FEATURES, hashlib.sha256(("no-show\n" + "\n".join(FEATURES)).encode()).hexdigest()[:16])
SIGNS: Final[Mapping[str, int]] = {"earlier_no_shows": 1, "earlier_visits": -1}
REMINDED_TWICE: Final = 0.2
"""The share of appointments, those most at risk, of which people are reminded twice."""


def fit_no_show(frame: pd.DataFrame, *, seed: int) -> Artifact:
    """Train on appointments and what became of them, with the splits and the calibration of every model.

    Parameters
    ----------
    frame
        A column for each of ``FEATURES``, ``time`` (of the appointment), ``person``, and ``label``: nobody came.

    Raises
    ------
    fraud.scoring.splits.TrainingError
        There are too few appointments with a known outcome.
    """
    return fit_model(
        frame,
        schema=NO_SHOW_SCHEMA,
        matrix=no_show_matrix,
        signs=SIGNS,
        positive="no-shows",
        choose=_riskiest,
        measure=_nothing_more,
        seed=seed,
    )


def no_show_matrix(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the features, float64 (n, f); what is not known is nan."""
    return np.ascontiguousarray(frame.loc[:, list(FEATURES)].to_numpy(dtype=np.float64, na_value=np.nan))


def extra_places(coming: Sequence[float], units: Sequence[int], *, places: int, overflow_at_most: float) -> int:
    """Return how many more units a day may be given, so that more come than fit only with a small chance.

    Parameters
    ----------
    coming, units
        Of each party booked, float (n,) and int (n,): its chance to come, and what it takes when it does. Parties come
        whole or not at all, and independently of each other; what would be added are single units, as likely to come
        as the mean of those booked.
    places
        Units that the day has.
    overflow_at_most
        The chance, 0 to 1, that more comes than ``places``; 0 gives none.
    """
    if not len(coming) or overflow_at_most <= 0:
        return 0
    mean = float(np.average(coming, weights=units))
    total = units_that_come(coming, units)
    for extra in range(places + 1):
        if total[places + 1 :].sum() > overflow_at_most:
            return max(0, extra - 1)
        total = np.convolve(total, (1 - mean, mean))
    return places


def units_that_come(coming: Sequence[float], units: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return the exact distribution of the units that come, float64 (sum of units + 1,): the chance of 0, of 1, ...

    Parties come whole or not at all, and independently of each other, as in `extra_places`.
    """
    total = np.ones(1)
    for chance, taken in zip(coming, units, strict=True):
        total = np.convolve(total, [1 - chance, *[0.0] * (taken - 1), chance])
    return total


def _riskiest(_labels: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], _days: float) -> Thresholds:
    line = min(1.0, capacity_threshold(scores, days=1, per_day=REMINDED_TWICE * len(scores)))
    return Thresholds(line, line)


def _nothing_more(_rows: pd.DataFrame, _scores: npt.NDArray[np.float64], _thresholds: Thresholds) -> Mapping[str, Any]:
    return {}
