"""Where to draw the lines of a score: from what officers can look at, and from how many honest people it troubles."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.artifact import Thresholds
from fraud.scoring.evaluate import EvaluationError, threshold_for

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
