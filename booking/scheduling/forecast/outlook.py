"""The coming weeks with intervals, by the best method that the history carries, and why that one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from booking.country.packs.schema import Pack
from booking.scheduling.forecast.backtest import HORIZON, Backtest, backtest
from booking.scheduling.forecast.demand import METHODS, RECENT, YEAR, Matrix
from booking.scheduling.forecast.intervals import Errors
from booking.scheduling.forecast.panel import Panel, per_request
from booking.scheduling.forecast.seasons import calendar, weeks_from

TWO_YEARS: Final = 2 * YEAR
TRIED: Final = 3 * HORIZON
"""Weeks of forecasts to be counted before a method is chosen by its errors."""


class Why(StrEnum):
    """Why a method was chosen."""

    NO_HISTORY = "no_history"
    TOO_SHORT = "too_short"
    NO_TWO_YEARS = "no_two_years"
    WON = "won"


@dataclass(frozen=True, eq=False)
class Outlook:
    """A forecast.

    ``weeks``: ``office``, ``service``, ``week``, ``mean`` (requests), ``low_95``, ``low_80``, ``middle``, ``high_80``,
    ``high_95``, ``people`` and ``units`` (means). ``tested`` is None where the history is too short for a backtest;
    then intervals are assumed, not learned.
    """

    weeks: pd.DataFrame
    method: str
    why: Why
    known: int
    tested: Backtest | None


def outlook(history: pd.DataFrame, pack: Pack, *, horizon: int = HORIZON) -> Outlook:
    """Forecast the weeks after a history, whose last week must be complete.

    With three years the calendar and the plain methods are tried on the past and the best is taken. With fewer
    there is no Ramadan of a year before to learn from: "the same week last year" or the mean of the last weeks.

    Raises
    ------
    booking.scheduling.forecast.panel.HistoryError
        Nobody has asked yet, or the table is damaged.
    """
    panel = Panel.read(history, pack)
    known = len(panel.weeks)
    ahead = calendar(pack, weeks_from(panel.weeks[0], known + horizon))
    if known >= TWO_YEARS + TRIED:
        names, why, first = list(METHODS), Why.WON, TWO_YEARS
    elif known >= YEAR + RECENT + TRIED:
        names, why, first = ["seasonal-naive", "recent-mean"], Why.NO_TWO_YEARS, YEAR + RECENT
    elif known >= RECENT + TRIED:
        names, why, first = ["recent-mean"], Why.TOO_SHORT, RECENT
    else:
        mean = METHODS["recent-mean"](panel, ahead, horizon)
        return Outlook(_frame(panel, history, mean, Errors()), "recent-mean", Why.NO_HISTORY, known, None)
    tested = backtest(panel, ahead, names, first=first, horizon=horizon)
    mean = METHODS[tested.best](panel, ahead, horizon)
    return Outlook(_frame(panel, history, mean, tested.errors[tested.best]), tested.best, why, known, tested)


def _frame(panel: Panel, history: pd.DataFrame, mean: Matrix, errors: Errors) -> pd.DataFrame:
    horizon = mean.shape[1]
    bands = errors.quantiles(mean, range(1, horizon + 1))
    coming: tuple[date, ...] = panel.coming(horizon)
    frame = pd.DataFrame(
        {
            "office": np.repeat([office for office, _ in panel.series], horizon),
            "service": np.repeat([service for _, service in panel.series], horizon),
            "week": list(coming) * len(panel.series),
            "mean": mean.ravel(),
        }
    )
    for place, name in enumerate(("low_95", "low_80", "middle", "high_80", "high_95")):
        frame[name] = bands[:, :, place].ravel()
    for column in ("people", "units"):
        each = per_request(history, panel.series, column)
        frame[column] = frame["mean"] * np.repeat([each[pair] for pair in panel.series], horizon)
    return frame
