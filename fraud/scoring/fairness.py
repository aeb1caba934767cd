"""Which groups of honest people a score troubles more than others, and whether that is more than a bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from typing_extensions import override

from fraud.scoring.artifact import Thresholds
from fraud.scoring.evaluate import Z_99, EvaluationError, interval, threshold_for

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


_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class ScorePolicy:
    """What a score may cost: policy data, decided by people.

    ``review_capacity_per_day`` is how many of the requests that teach officers can look at in a day; of a hundred
    honest requests at most 100 x ``honest_challenged_most`` may be challenged by the score, and 100 x
    ``honest_reviewed_most`` reviewed.
    """

    review_capacity_per_day: float = 200
    honest_challenged_most: float = 0.02
    honest_reviewed_most: float = 0.002


DEFAULT_POLICY: Final = ScorePolicy()


def capacity_threshold(scores: npt.ArrayLike, *, days: float, per_day: float) -> float:
    """Return the lowest threshold that ``days`` of scores, float (n,), reach at most ``per_day`` times a day.

    Requests with equal scores are treated alike: where not all of them fit, none of them is taken.

    Raises
    ------
    EvaluationError
        There are no scores, or no days.
    """
    score = np.sort(np.asarray(scores, dtype=np.float64))[::-1]
    if not len(score) or not days > 0:
        raise EvaluationError("a threshold for a number of cases a day needs scores and the days that they cover")
    room = int(per_day * days)
    if room >= len(score):
        return float(np.nextafter(0.0, 1.0))
    return float(np.nextafter(score[room], np.inf))


def choose_thresholds(
    labels: npt.ArrayLike, scores: npt.ArrayLike, *, days: float, policy: ScorePolicy = DEFAULT_POLICY
) -> Thresholds:
    """Return the lowest thresholds that keep both bounds: officers' time, and wrongly troubled people.

    Who is reviewed is troubled at least as much as who is challenged, and counts as both.

    Raises
    ------
    EvaluationError
        The lengths differ, a score is not between 0 and 1, only one of the two classes is present, or ``days`` is not
        positive.
    """
    challenge = threshold_for(labels, scores, troubled=policy.honest_challenged_most)
    review = max(
        challenge,
        threshold_for(labels, scores, troubled=policy.honest_reviewed_most),
        capacity_threshold(scores, days=days, per_day=policy.review_capacity_per_day),
    )
    return Thresholds(challenge, review)


def threshold_curve(labels: npt.ArrayLike, scores: npt.ArrayLike, *, days: float) -> pd.DataFrame:
    """Return what each threshold would cost and find, from the strictest to the mildest line.

    A label may be true, false or None (not known): what is not known is a case too, and neither honest nor hoarding.

    Returns
    -------
    pandas.DataFrame
        ``threshold``; ``cases_per_day`` at or above it; ``honest_troubled``, the share of honest requests among all
        honest ones; ``hoarders_found``, of all hoarders; ``precision``, the share of hoarders in the cases
        with a label. nan where nothing is known.
    """
    given, score = np.asarray(labels, dtype=object), np.asarray(scores, dtype=np.float64)
    if given.shape != score.shape or given.ndim != 1 or not days > 0:
        raise EvaluationError("a curve needs as many labels as scores, and the days that they cover")
    scored = np.isfinite(score)
    given, score = given[scored], score[scored]
    if not len(score):
        raise EvaluationError("no request has a score")
    known = pd.notna(given)
    hoards = np.zeros(len(given), dtype=bool)
    hoards[known] = given[known].astype(bool)
    honest = known & ~hoards
    shares = np.geomspace(1 / len(score), 1, _STEPS)
    levels = np.unique(np.quantile(score, 1 - shares, method="higher"))[::-1]
    rows = []
    for level in levels:
        hit = score >= level
        rows.append(
            {
                "threshold": float(level),
                "cases_per_day": hit.sum() / days,
                "honest_troubled": _share(hit, honest),
                "hoarders_found": _share(hit, hoards),
                "precision": _share(hoards, hit & (hoards | honest)),
            }
        )
    return pd.DataFrame(rows)


def _share(of: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> float:
    return float(of[among].mean()) if among.any() else float("nan")
