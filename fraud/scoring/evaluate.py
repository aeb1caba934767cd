"""How well scores separate hoarders from honest people, and where to draw the line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt


class EvaluationError(Exception):
    """Labels and scores do not allow a measurement; the message says why."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures on rows that the model has never seen; all between 0 and 1.

    ``recall_at_1_percent`` and ``recall_at_5_percent`` are the shares of hoarders found while 1 % and 5 % of honest
    requests are troubled.
    """

    rows: int
    positives: int
    roc_auc: float
    pr_auc: float
    recall_at_1_percent: float
    recall_at_5_percent: float
    brier: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures as plain data."""
        return asdict(self)


def evaluate(labels: npt.ArrayLike, scores: npt.ArrayLike) -> Metrics:
    """Measure scores, float (n,), between 0 and 1, against labels, bool (n,).

    Raises
    ------
    EvaluationError
        The lengths differ, a score is not between 0 and 1, or only one of the two classes is present.
    """
    from sklearn import metrics  # noqa: PLC0415 - takes long, and no command but those that evaluate needs it

    truth, score = _checked(labels, scores)
    false_alarms, found, _ = metrics.roc_curve(truth, score)
    return Metrics(
        rows=len(truth),
        positives=int(truth.sum()),
        roc_auc=float(metrics.roc_auc_score(truth, score)),
        pr_auc=float(metrics.average_precision_score(truth, score)),
        recall_at_1_percent=float(np.interp(0.01, false_alarms, found)),
        recall_at_5_percent=float(np.interp(0.05, false_alarms, found)),
        brier=float(metrics.brier_score_loss(truth, score)),
    )


def threshold_for(labels: npt.ArrayLike, scores: npt.ArrayLike, *, troubled: float) -> float:
    """Return the lowest threshold at which at most the share ``troubled`` of honest requests is troubled.

    A request is troubled when its score is at least the threshold.

    Raises
    ------
    EvaluationError
        The lengths differ, a score is not between 0 and 1, or only one of the two classes is present.
    """
    truth, score = _checked(labels, scores)
    honest = np.sort(score[~truth])[::-1]
    allowed = int(troubled * len(honest))
    if allowed >= len(honest):
        return float(np.nextafter(0.0, 1.0))
    # The first honest score that must stay untroubled; ties with it are untroubled too.
    return float(np.nextafter(honest[allowed], np.inf))


def _checked(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    truth, score = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != score.shape:
        raise EvaluationError("labels and scores must be of the same length")
    if not (np.isfinite(score).all() and (score >= 0).all() and (score <= 1).all()):
        raise EvaluationError("a score is not between 0 and 1")
    if truth.all() or not truth.any():
        raise EvaluationError("all rows have the same label: nothing can be measured")
    return truth, score


_DRAWS: Final = 200
_FIGURES: Final = ("roc_auc", "pr_auc", "recall_at_1_percent", "recall_at_5_percent", "brier")


def intervals(
    labels: npt.NDArray[np.bool_],
    scores: npt.NDArray[np.float64],
    *,
    groups: npt.NDArray[np.int64] | None = None,
    seed: int,
    draws: int = _DRAWS,
) -> Mapping[str, tuple[float, float]]:
    """Return the middle 95 % of each figure of `fraud.scoring.evaluate.Metrics` over bootstrap draws (Efron 1979).

    Parameters
    ----------
    labels, scores
        bool (n,) and float64 (n,), between 0 and 1; both classes are present.
    groups
        Whose each row is, int (n,), from 0: rows of one person are drawn together, as they are not independent
        evidence. Without it rows are drawn.
    """
    who = np.arange(len(labels)) if groups is None else groups
    random = np.random.default_rng(seed)
    order = np.argsort(-scores, kind="stable")
    truth, score, owner = labels[order], scores[order], who[order]
    ends = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    members = int(who.max()) + 1
    found = []
    for _ in range(draws):
        weights = np.bincount(random.integers(0, members, members), minlength=members)[owner].astype(np.float64)
        if (weights[truth].sum() > 0) and (weights[~truth].sum() > 0):
            found.append(weighted_figures(truth, score, weights, ends))
    low, high = np.quantile(np.array(found), (0.025, 0.975), axis=0)
    return {name: (float(low[place]), float(high[place])) for place, name in enumerate(_FIGURES)}


def weighted_figures(
    truth: npt.NDArray[np.bool_],
    score: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    ends: npt.NDArray[np.int64],
) -> tuple[float, float, float, float, float]:
    """Return the five figures of rows with weights, sorted once by falling score; ``ends`` ends each tie."""
    hits = np.append(0.0, np.cumsum(weights * truth)[ends])
    alarms = np.append(0.0, np.cumsum(weights * ~truth)[ends])
    recall, false = hits / hits[-1], alarms / alarms[-1]
    flagged = hits[1:] + alarms[1:]
    precision = np.divide(hits[1:], flagged, out=np.ones_like(flagged), where=flagged > 0)
    brier = float(np.sum(weights * (score - truth) ** 2) / weights.sum())
    return (
        float(np.trapezoid(recall, false)),
        float(np.sum(np.diff(recall) * precision)),
        _reached(false, recall, 0.01),
        _reached(false, recall, 0.05),
        brier,
    )


def _reached(false: npt.NDArray[np.float64], recall: npt.NDArray[np.float64], share: float) -> float:
    """Return the recall where the share of false alarms is reached, on straight lines between the steps."""
    after = min(int(np.searchsorted(false, share, side="right")), len(false) - 1)
    before = after - 1
    if false[after] <= share:
        return float(recall[after])
    part = (share - false[before]) / (false[after] - false[before])
    return float(recall[before] + part * (recall[after] - recall[before]))


Z_95: Final = 1.959963984540054
Z_99: Final = 2.576


def wilson(found: float, of: float) -> tuple[float, float]:
    """Return the 95 % interval of a share from its counts; 0 and 1 where nobody was counted."""
    return interval(found / of, of) if of else (0.0, 1.0)


def interval(share: float, of: float, *, z: float = Z_95) -> tuple[float, float]:
    """Return the interval of a share found among so many people; 0 and 1 where nobody was counted."""
    if not of:
        return 0.0, 1.0
    square = z * z / of
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(share * (1 - share) / of + square / (4 * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)
