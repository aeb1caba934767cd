"""Which groups of honest people a score troubles more than others, and whether that is more than a bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import pandas as pd
from typing_extensions import override

from fraud.scoring.wilson import Z_99, interval

AGE_BANDS: Final = (18, 30, 45, 60)
UNKNOWN: Final = "unknown"
FEWEST: Final = 20
"""Of fewer people no interval is trusted: one of one would be "at least 13 %"."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A group whose honest people are troubled more often than others by more than the bound, beyond doubt."""

    group: str
    what: str
    rate: float
    others: float
    gap: float

    @override
    def __str__(self) -> str:
        return (
            f"{self.group}: {self.what} {100 * self.rate:.1f} % of honest requests, others {100 * self.others:.1f} %: "
            f"beyond chance at least {100 * self.gap:.1f} % more"
        )


def age_band(age: int) -> str:
    """Return the band of an age in years: "under 18", "18-29", ..., "60 and over"."""
    if age < AGE_BANDS[0]:
        return f"under {AGE_BANDS[0]}"
    reached = max(edge for edge in AGE_BANDS if age >= edge)
    later = [edge for edge in AGE_BANDS if edge > age]
    return f"{reached}-{later[0] - 1}" if later else f"{reached} and over"


def fairness_report(frame: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Return how often the honest people of each group are challenged or reviewed.

    Parameters
    ----------
    frame
        One row for each **honest** request: ``challenged`` and ``reviewed`` (true or false: the score reached the
        line; a reviewed one counts as challenged too), and a column for each of ``groups`` with any values (a missing
        one is a group of its own).

    Returns
    -------
    pandas.DataFrame
        One row for each group, value and outcome: ``group`` ("age: 18-29"), ``what``, ``people`` (rows), ``rate``,
        ``low`` and ``high`` (99 % interval of Wilson 1927, wide for few rows), ``others`` (the rate of all other rows),
        ``gap`` (lower end of the 99 % interval of rate - others; Newcombe 1998, method 10). 99 and not 95 %: many
        groups are looked at, and chance must not block a model.
    """
    # fairlearn takes seconds to load, and only this report needs it.
    from fairlearn.metrics import MetricFrame, count, selection_rate  # noqa: PLC0415

    rows = []
    for column in groups if len(frame) else ():
        hits = frame[["challenged", "reviewed"]].astype(int)
        found = MetricFrame(  # each rate is that of what is handed over as truth or as prediction
            metrics={
                "challenged": lambda truth, _: selection_rate(truth, truth),
                "reviewed": selection_rate,
                "people": count,
            },
            y_true=hits["challenged"],
            y_pred=hits["reviewed"],
            sensitive_features=frame[column].astype(object).where(frame[column].notna(), UNKNOWN).astype(str),
        ).by_group
        for what in hits:
            for value, people, rate in zip(found.index, found["people"], found[what], strict=True):
                compared = against_others(float(rate), int(people), int(hits[what].sum()), len(frame))
                rows.append((f"{column}: {value}", what, int(people), float(rate), *compared))
    return pd.DataFrame(rows, columns=["group", "what", "people", "rate", "low", "high", "others", "gap"])


def against_others(rate: float, people: int, hits: int, everyone: int) -> tuple[float, float, float, float]:
    """Return ``low``, ``high``, ``others`` and ``gap`` of a group, as in `fairness_report`.

    Parameters
    ----------
    rate, people
        The share of the group that was troubled, and how many are in it: at least one.
    hits, everyone
        How many were troubled in all groups, and how many are in them.
    """
    rest = everyone - people
    low, high = interval(rate, people, z=Z_99)
    others = (hits - round(rate * people)) / rest if rest else rate
    gap = rate - others - sqrt((rate - low) ** 2 + (interval(others, rest, z=Z_99)[1] - others) ** 2)
    return low, high, others, gap


def breaches(report: pd.DataFrame, *, bound: float) -> list[Breach]:
    """Return the groups that are troubled more than all others by more than ``bound``, the worst first.

    Only the lower end of the difference counts, and only of groups of at least ``FEWEST``: three people of whom one was
    challenged prove nothing, and block nothing; nor does a group that is compared with three others. They stay in the
    report.
    """
    beyond = report[(report["gap"] > bound) & (report["people"] >= FEWEST)].sort_values("gap", ascending=False)
    columns = (beyond[name].tolist() for name in ("group", "what", "rate", "others", "gap"))
    return [Breach(*row) for row in zip(*columns, strict=True)]
