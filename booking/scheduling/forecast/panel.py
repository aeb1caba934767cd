"""Weekly counts of every office and service in a row each, with no week left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from booking.country.packs.schema import Pack
from booking.scheduling.forecast.seasons import WEEK, weeks_from

COLUMNS: Final = ("office", "service", "week", "requests", "people", "units")
"""Of a history: codes, the first day of the week, and what was asked in it with this office as the first choice."""


class HistoryError(ValueError):
    """A history that no forecast can be made of; the message says why."""


@dataclass(frozen=True, eq=False)
class Panel:
    """``counts`` float64 (s, t): requests of series s in week t. ``kinds`` are those of the series' offices."""

    series: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    weeks: tuple[date, ...]
    counts: npt.NDArray[np.float64]

    @classmethod
    def read(cls, history: pd.DataFrame, pack: Pack) -> Self:
        """Arrange a history (`COLUMNS`; a row where somebody asked): weeks from its first to its last, zeros between.

        Offices and services that the pack no longer has are left out.

        Raises
        ------
        HistoryError
            A column is missing, a count is negative, weeks are not whole weeks apart, or nothing is left.
        """
        missing = [name for name in COLUMNS if name not in history]
        if missing:
            raise HistoryError(f"the history has no column {', '.join(missing)}")
        kinds = {office.code: office.kind for office in pack.offices}
        services = set(pack.appointments)
        known = history[history["office"].isin(list(kinds)) & history["service"].isin(list(services))]
        if known.empty:
            raise HistoryError("nobody has asked yet")
        weeks = pd.to_datetime(known["week"]).dt.date
        first = min(weeks)
        place = np.array([(week - first).days for week in weeks])
        counts = known["requests"].to_numpy(np.float64)
        if (place % WEEK.days).any():
            raise HistoryError("weeks do not all begin on the same day of the week")
        if not np.isfinite(counts).all() or (counts < 0).any():
            raise HistoryError("a count is negative or missing")
        pairs = list(zip(known["office"].tolist(), known["service"].tolist(), strict=True))
        series = tuple(sorted(set(pairs)))
        row = {pair: index for index, pair in enumerate(series)}
        table = np.zeros((len(series), int(place.max()) // WEEK.days + 1))
        rows = np.array([row[pair] for pair in pairs])
        np.add.at(table, (rows, place // WEEK.days), counts)
        return cls(series, tuple(kinds[office] for office, _ in series), weeks_from(first, table.shape[1]), table)

    def until(self, weeks: int) -> "Panel":
        """Return its first weeks, as they were known then."""
        return Panel(self.series, self.kinds, self.weeks[:weeks], self.counts[:, :weeks])

    def coming(self, count: int) -> tuple[date, ...]:
        """Return the weeks that follow."""
        return weeks_from(self.weeks[-1] + WEEK, count)


def per_request(
    history: pd.DataFrame, series: Sequence[tuple[str, str]], column: str
) -> Mapping[tuple[str, str], float]:
    """Return the mean ``people`` or ``units`` of a request of each series; small ones lean on their service's mean."""
    lean = 50.0
    by_service = history.groupby("service")[["requests", column]].sum().to_dict("index")
    own = history.groupby(["office", "service"])[["requests", column]].sum().to_dict("index")
    means = {}
    for office, service in series:
        everywhere, here = by_service[service], own[office, service]
        mean = everywhere[column] / max(everywhere["requests"], 1.0)
        means[office, service] = float((here[column] + lean * mean) / (here["requests"] + lean))
    return means
