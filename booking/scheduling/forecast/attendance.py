"""How many of those booked will not come, by office and service, where some have seen many and some almost nobody.

Beta-binomial with shrinkage: a rate leans on what its office and its service show, as much as offices, services and
cells were found to differ. A week differs from another beyond chance as well, so intervals of a week are wider than
those of the rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from booking.scheduling.forecast.panel import HistoryError

Matrix = npt.NDArray[np.float64]
COLUMNS: Final = ("office", "service", "week", "appointments", "no_shows")
CAUTION: Final = 0.05
"""The share of weeks that may have a lower rate than ``low``: what overbooking counts on."""
_LARGEST_RATE: Final = 0.9
_SMALLEST_RATE: Final = 1e-4
_LOG_STRENGTH: Final = (0.0, 12.0)


@dataclass(frozen=True, eq=False)
class Attendance:
    """Rates of no-shows.

    ``cells`` and ``offices``: ``office`` (``service``), ``appointments``, ``no_shows`` (of the history), ``weekly``
    (appointments in a usual week), ``rate``, ``low`` and ``high`` (90 % of weeks are between; `CAUTION` are
    below ``low``), ``trust``: the appointments that the rate is worth in a single week, for `no_shows_of`.
    """

    cells: pd.DataFrame
    offices: pd.DataFrame
    rate: float


def attendance(history: pd.DataFrame) -> Attendance:
    """Learn from past weeks (`COLUMNS`, a row where there were appointments).

    Raises
    ------
    HistoryError
        A column is missing, there were no appointments, or more no-shows than appointments.
    """
    missing = [name for name in COLUMNS if name not in history]
    if missing:
        raise HistoryError(f"the history has no column {', '.join(missing)}")
    history = history[history["appointments"] > 0]
    if history.empty:
        raise HistoryError("no appointment is over yet")
    if (history["no_shows"] > history["appointments"]).any() or (history["no_shows"] < 0).any():
        raise HistoryError("more no-shows than appointments, or fewer than none")
    weeks = history["week"].nunique()
    everywhere = _clipped(history["no_shows"].sum() / history["appointments"].sum())
    office = _shrunk(_summed(history, ["office"]), everywhere)
    service = _shrunk(_summed(history, ["service"]), everywhere)
    cells = _summed(history, ["office", "service"])
    by_office, by_service = (dict(zip(one.iloc[:, 0], one["rate"], strict=True)) for one in (office, service))
    prior = cells["office"].map(by_office) * cells["service"].map(by_service) / everywhere
    cells = _shrunk(cells, _clipped(prior.to_numpy(np.float64)))
    rates = {(o, s): rate for o, s, rate in zip(cells["office"], cells["service"], cells["rate"], strict=True)}
    own = np.array([rates[pair] for pair in zip(history["office"].tolist(), history["service"].tolist(), strict=True)])
    week = _strength(*_counts(history), own)
    return Attendance(_with_weeks(cells, week, weeks), _with_weeks(office, week, weeks), float(everywhere))


def no_shows_of(appointments: npt.ArrayLike, rate: npt.ArrayLike, trust: npt.ArrayLike) -> Matrix:
    """Return the 2.5, 10, 50, 90 and 97.5 % quantiles of the no-shows of one week's appointments, float64 (5, ...)."""
    from scipy.stats import betabinom  # noqa: PLC0415 - loads for a second

    rate, trust = np.asarray(rate, np.float64), np.asarray(trust, np.float64)
    number = np.asarray(appointments, np.int64)
    levels = np.array([0.025, 0.1, 0.5, 0.9, 0.975]).reshape(-1, *[1] * number.ndim)
    quantiles: Matrix = betabinom.ppf(levels, number, rate * trust, (1 - rate) * trust)
    return quantiles


def coverage(history: pd.DataFrame, *, test_weeks: int) -> Mapping[str, float]:
    """Learn without the last weeks and return how they came out.

    Returns
    -------
    mapping
        ``covers_80``, ``covers_95``: how often the no-shows of an office, service and week were inside; ``error`` and
        ``error_country``: mean absolute error in people, by these rates and by the country's single rate.

    Raises
    ------
    HistoryError
        Nothing is left to learn from, or to test on.
    """
    last = sorted(set(history["week"]))[-test_weeks]
    learned = attendance(history[history["week"] < last])
    test = history[history["week"] >= last].merge(
        learned.cells[["office", "service", "rate", "trust"]], on=["office", "service"]
    )
    if test.empty:
        raise HistoryError("no appointment is over in the weeks to test on")
    number, came = _counts(test)
    bands = no_shows_of(number, test["rate"], test["trust"])
    return {
        "covers_80": float(((came >= bands[1]) & (came <= bands[3])).mean()),
        "covers_95": float(((came >= bands[0]) & (came <= bands[4])).mean()),
        "error": float(np.abs(came - number * test["rate"].to_numpy()).mean()),
        "error_country": float(np.abs(came - number * learned.rate).mean()),
    }


def _summed(history: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return history.groupby(by, sort=True)[["appointments", "no_shows"]].sum().reset_index()


def _counts(frame: pd.DataFrame) -> tuple[Matrix, Matrix]:
    return frame["appointments"].to_numpy(np.float64), frame["no_shows"].to_numpy(np.float64)


def _clipped(rate: npt.ArrayLike) -> Matrix:
    clipped: Matrix = np.clip(rate, _SMALLEST_RATE, _LARGEST_RATE)
    return clipped


def _shrunk(frame: pd.DataFrame, prior: npt.ArrayLike) -> pd.DataFrame:
    """Let each rate lean on ``prior``, as strongly as these rates turn out to be alike."""
    number, absent = _counts(frame)
    prior = np.broadcast_to(np.asarray(prior, np.float64), number.shape)
    strength = _strength(number, absent, prior)
    rate = (absent + strength * prior) / (number + strength)
    return frame.assign(rate=rate, known=number + strength)


def _strength(number: Matrix, absent: Matrix, rate: Matrix) -> float:
    """Find the appointments that ``rate`` is worth: the beta-binomial likelihood's maximum, between 1 and e^12."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - loads for a second
    from scipy.special import betaln  # noqa: PLC0415

    def surprise(log_strength: float) -> float:
        a = np.exp(log_strength) * rate
        b = np.exp(log_strength) * (1 - rate)
        return float(-(betaln(absent + a, number - absent + b) - betaln(a, b)).sum())

    return float(np.exp(minimize_scalar(surprise, bounds=_LOG_STRENGTH, method="bounded").x))


def _with_weeks(frame: pd.DataFrame, week: float, weeks: int) -> pd.DataFrame:
    """Add what a single week shows: neither the rate is known exactly, nor is every week the same."""
    from scipy.stats import beta  # noqa: PLC0415

    rate = frame["rate"].to_numpy(np.float64)
    trust = 1 / (1 / (frame["known"].to_numpy(np.float64) + 1) + 1 / (week + 1)) - 1
    low, high = (beta.ppf(level, rate * trust, (1 - rate) * trust) for level in (CAUTION, 1 - CAUTION))
    return frame.drop(columns="known").assign(weekly=frame["appointments"] / weeks, low=low, high=high, trust=trust)
