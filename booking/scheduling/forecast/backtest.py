"""How a method would have done: forecasts made again at past weeks from what was known then, against what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from booking.scheduling.forecast.demand import METHODS, YEAR
from booking.scheduling.forecast.intervals import LEVELS, Errors
from booking.scheduling.forecast.panel import HistoryError, Panel
from booking.scheduling.forecast.seasons import Calendar

Matrix = npt.NDArray[np.float64]
HORIZON: Final = 8
EVERY: Final = 4
_WARM_UP: Final = 2
"""Origins whose errors only teach the intervals: none of theirs are counted."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """``scores``: a row for each method; see docs/forecast.md. ``errors``: of each method, for intervals to come."""

    scores: pd.DataFrame
    errors: dict[str, Errors]
    origins: int

    @property
    def best(self) -> str:
        """The method with the lowest mean absolute scaled error."""
        return str(self.scores["mase"].idxmin())


def origins(weeks: int, *, first: int, horizon: int = HORIZON, every: int = EVERY) -> list[int]:
    """List how many weeks are known at each forecast: the last one ends with the history, others ``every`` before."""
    return list(range(weeks - horizon, first - 1, -every))[::-1]


def backtest(
    panel: Panel, calendar: Calendar, methods: Sequence[str], *, first: int, horizon: int = HORIZON, every: int = EVERY
) -> Backtest:
    """Roll through the history.

    Parameters
    ----------
    panel, calendar
        The history, and the calendar of at least its weeks.
    methods
        Names of `METHODS`.
    first
        Weeks that the first forecast knows.
    horizon, every
        Weeks that each forecast looks ahead, and weeks between forecasts.

    Returns
    -------
    Backtest
        ``scores``, indexed by method: ``mase`` (mean absolute error over the in-sample error of "the same week a year
        before", mean of the series; ``mase_office`` the same of each office's sum), ``pinball`` (mean over `LEVELS`,
        in requests), ``covers_80`` and ``covers_95``
        (shares of weeks inside), ``bias`` (requests forecast too many, as a share of those that came). Intervals at an
        origin know only errors of weeks before it.

    Raises
    ------
    HistoryError
        The history is too short to count a single forecast.
    """
    starts = origins(panel.counts.shape[1], first=first, horizon=horizon, every=every)
    counted = [place for place, t in enumerate(starts) if t >= starts[0] + horizon + (_WARM_UP - 1) * every]
    if not counted:
        raise HistoryError(f"{panel.counts.shape[1]} weeks are too few for a backtest that begins after {first}")
    by_office = _office_sums(panel)
    measures = (_naive_error(panel.counts[:, :first]), by_office, _naive_error(by_office @ panel.counts[:, :first]))
    ahead = list(range(1, horizon + 1))
    rows, errors = {}, {}
    for name in methods:
        forecasts = [METHODS[name](panel.until(t), calendar.at(slice(0, t + horizon)), horizon) for t in starts]
        came = [panel.counts[:, t : t + horizon] for t in starts]
        bands = []
        for place in counted:
            seen = Errors()
            for earlier in range(place):
                known = min(horizon, starts[place] - starts[earlier])
                seen.add(forecasts[earlier][:, :known], came[earlier][:, :known], ahead[:known])
            bands.append(seen.quantiles(forecasts[place], ahead))
        rows[name] = _scores([forecasts[p] for p in counted], bands, [came[p] for p in counted], *measures)
        errors[name] = Errors()
        for forecast, truth in zip(forecasts, came, strict=True):
            errors[name].add(forecast, truth, ahead)
    return Backtest(pd.DataFrame(rows).T, errors, len(counted))


def _scores(
    forecasts: list[Matrix],
    bands: list[Matrix],
    came: list[Matrix],
    scale: Matrix,
    office: Matrix,
    office_scale: Matrix,
) -> dict[str, float]:
    mean, band, truth = np.stack(forecasts), np.stack(bands), np.stack(came)
    below = truth[..., None] - band
    pinball = np.maximum(np.array(LEVELS) * below, (np.array(LEVELS) - 1) * below)
    return {
        "mase": _mase(truth - mean, scale),
        "mase_office": _mase(office @ (truth - mean), office_scale),
        "pinball": float(pinball.mean()),
        "covers_80": float(((truth >= band[..., 1]) & (truth <= band[..., 3])).mean()),
        "covers_95": float(((truth >= band[..., 0]) & (truth <= band[..., 4])).mean()),
        "bias": float(mean.sum() / truth.sum() - 1) if truth.sum() else 0.0,
    }


def _mase(misses: Matrix, scale: Matrix) -> float:
    usable = scale > 0
    return float((np.abs(misses).mean(axis=(0, 2))[usable] / scale[usable]).mean())


def _office_sums(panel: Panel) -> Matrix:
    """Return the matrix that adds the series of each office up, float64 (o, s)."""
    offices = sorted({office for office, _ in panel.series})
    sums: Matrix = np.array([[float(name == office) for name, _ in panel.series] for office in offices])
    return sums


def _naive_error(counts: Matrix) -> Matrix:
    """Return each series' mean error of "as a year before" in ``counts``; below two years of "as the week before"."""
    lag = YEAR if counts.shape[1] >= YEAR + EVERY else 1
    error: Matrix = np.abs(counts[:, lag:] - counts[:, :-lag]).mean(axis=1)
    return error
