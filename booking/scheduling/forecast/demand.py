"""How many will ask: two plain methods, and one that knows the calendar.

A method takes a panel as known at its last week and gives the expected requests of the weeks that follow, float64
(s, h). Whether the calendar is worth its trouble is measured in `booking.scheduling.forecast.backtest`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from booking.scheduling.forecast.panel import Panel
from booking.scheduling.forecast.seasons import Calendar

if TYPE_CHECKING:
    from sklearn.linear_model import PoissonRegressor

Matrix = npt.NDArray[np.float64]
YEAR: Final = 52
RECENT: Final = 8
_LEVEL_WEEKS: Final = 12
_LEAN: Final = 20.0
"""Requests that the expected level is worth against the last weeks' own: small series move little on chance."""
_DAMPED: Final = 0.97
"""What a recent deviation keeps each week ahead."""
_SMOOTH_KIND, _SMOOTH_SERVICE = 1e-4, 3e-3
_LEAST: Final = 0.05


class Method(Protocol):
    """Expected requests of the weeks of ``calendar`` after the panel's last, float64 (s, h)."""

    def __call__(self, panel: Panel, calendar: Calendar, ahead: int) -> Matrix:
        """Forecast; the calendar covers the panel's weeks and ``ahead`` more."""
        ...


def recent_mean(panel: Panel, calendar: Calendar, ahead: int) -> Matrix:  # noqa: ARG001 - the form of a method
    """Forecast every week as the mean of the last eight; never none at all, of which no interval could be told."""
    mean: Matrix = np.maximum(_LEAST, panel.counts[:, -RECENT:].mean(axis=1))
    return np.tile(mean[:, None], ahead)


def seasonal_naive(panel: Panel, calendar: Calendar, ahead: int) -> Matrix:  # noqa: ARG001 - the form of a method
    """Forecast a week as the same one a year before, times what the last weeks grew against a year before.

    Needs a year and eight weeks.
    """
    counts = panel.counts
    grown = (counts[:, -RECENT:].sum(axis=1) + _LEAN) / (counts[:, -YEAR - RECENT : -YEAR].sum(axis=1) + _LEAN)
    last_year = counts[:, [counts.shape[1] - YEAR + step % YEAR for step in range(ahead)]]
    expected: Matrix = np.maximum(_LEAST, last_year * grown[:, None])
    return expected


def by_calendar(panel: Panel, calendar: Calendar, ahead: int) -> Matrix:
    """Learn what seasons, holidays and the time of the year do, then put each series at its own recent level.

    A Poisson regression for each kind of office, then one for each service on top of it with a stronger penalty (a
    service differs from its kind only as far as history insists); after that the level of a series is a
    gamma-Poisson mean of its last weeks against what the seasons expect. One thread: hundreds of small fits would
    wait for a second one far longer than they compute, where the processors are busy.
    """
    from sklearn.linear_model import PoissonRegressor  # noqa: PLC0415 - a web process that forecasts nothing

    known = panel.counts.shape[1]
    shape = np.ones((len(panel.series), known + ahead))
    with threadpool_limits(limits=1):
        for kind in sorted(set(panel.kinds)):
            rows = np.array([k == kind for k in panel.kinds])
            features = _features(calendar, [panel.series[row][0] for row in np.flatnonzero(rows)])
            whole = panel.counts[rows].sum(axis=0)
            base = _fitted(PoissonRegressor, features, whole, np.ones(known + ahead), _SMOOTH_KIND)
            for service in sorted({panel.series[row][1] for row in np.flatnonzero(rows)}):
                own = rows & np.array([name == service for _, name in panel.series])
                counts = panel.counts[own].sum(axis=0)
                shape[own] = base * _fitted(PoissonRegressor, features, counts, base, _SMOOTH_SERVICE)
    return _levelled(panel.counts, shape)


METHODS: Final[Mapping[str, Method]] = {
    "calendar": by_calendar,
    "seasonal-naive": seasonal_naive,
    "recent-mean": recent_mean,
}


def _features(calendar: Calendar, offices: Sequence[str]) -> Matrix:
    """Return what is known of each week, float64 (t, f): seasons, holidays now and the week before, waves, years."""
    closed = np.mean([calendar.closed[office] for office in offices], axis=0)
    before = np.concatenate([[0.0], closed[:-1]])
    years = np.arange(len(closed)) / YEAR
    return np.column_stack([calendar.seasons, closed, before, calendar.year, years - years.mean()])


def _fitted(
    regression: "type[PoissonRegressor]", features: Matrix, counts: Matrix, offset: Matrix, penalty: float
) -> Matrix:
    """Fit Poisson counts to ``offset`` times a log-linear shape; return the shape of every week, around 1."""
    known = len(counts)
    if not counts.sum():
        return np.ones(len(features))
    expected = offset[:known] * counts.sum() / offset[:known].sum()
    model = regression(alpha=penalty, solver="newton-cholesky", max_iter=300)
    model.fit(features[:known], counts / expected, sample_weight=expected)
    shape: Matrix = np.exp(features @ model.coef_)
    return shape


def _levelled(counts: Matrix, shape: Matrix) -> Matrix:
    known = counts.shape[1]
    year = slice(max(0, known - YEAR), known)
    level = (counts[:, year].sum(axis=1) / shape[:, year].sum(axis=1))[:, None]
    recent = slice(max(0, known - _LEVEL_WEEKS), known)
    told = (level * shape[:, recent]).sum(axis=1)
    ratio = ((counts[:, recent].sum(axis=1) + _LEAN) / (told + _LEAN))[:, None]
    ahead = np.arange(1, shape.shape[1] - known + 1)
    expected: Matrix = np.maximum(_LEAST, level * shape[:, known:] * ratio ** (_DAMPED**ahead))
    return expected
