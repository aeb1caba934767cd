"""How well scores separate hoarders from honest people, and where to draw the line."""

from dataclasses import asdict, dataclass

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
