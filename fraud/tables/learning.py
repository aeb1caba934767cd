"""Learn from rows in the order of time: boosted trees of several seeds, tuned and calibrated on the later ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from fraud.scoring.boosting import platt

_SEEDS: Final = 4
_MOST_TREES: Final = 400
_DEFAULT_TREES: Final = 60
_RATE: Final = 0.05
_LEAVES: Final = 15
_FEATURES: Final = 0.3
"""Each split looks at this share of the features: the trees differ, and no single feature that drifts rules them."""
_TUNED_ON: Final = 0.2
_FEWEST: Final = 5


@dataclass(frozen=True, slots=True)
class Learned:
    """Trees of several seeds whose mean passes through one logistic curve."""

    models: Sequence[HistGradientBoostingClassifier]
    slope: float
    intercept: float
    trees: int

    def score(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return probabilities, float64 (n,), of float64 (n, f)."""
        with threadpool_limits(limits=1):
            raw = np.mean([_raw(model, values) for model in self.models], axis=0)
        return np.asarray(expit(self.slope * raw + self.intercept), dtype=np.float64)


def learn(
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    *,
    categories: npt.NDArray[np.bool_],
    at: npt.NDArray[np.float64],
    seed: int,
) -> Learned:
    """Learn from float64 (n, f) and bool (n,), in the order of the moments ``at``, float64 (n,).

    The last fifth of the rows says how many trees to grow and how to calibrate them; then all rows teach as many trees.
    One thread makes the result the same on every machine, and does not stall where the processors are busy.
    """
    bound = at[int(len(at) * (1 - _TUNED_ON))]
    early, late = at < bound, at >= bound
    with threadpool_limits(limits=1):
        if min(_both(labels[early]), _both(labels[late])) < _FEWEST:
            models = [_grown(values, labels, categories, _DEFAULT_TREES, seed + turn) for turn in range(_SEEDS)]
            return Learned(models, 1.0, 0.0, _DEFAULT_TREES)
        first = [_grown(values[early], labels[early], categories, _MOST_TREES, seed + turn) for turn in range(_SEEDS)]
        trees, raw = _best(first, values[late], labels[late])
        curve = platt(raw, labels[late])
        models = [_grown(values, labels, categories, trees, seed + turn) for turn in range(_SEEDS)]
    return Learned(models, float(curve.coef_[0, 0]), float(curve.intercept_[0]), trees)


def _both(labels: npt.NDArray[np.bool_]) -> int:
    return int(min(labels.sum(), (~labels).sum()))


def _grown(
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    categories: npt.NDArray[np.bool_],
    trees: int,
    seed: int,
) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=_RATE,
        max_leaf_nodes=_LEAVES,
        max_features=_FEATURES,
        min_samples_leaf=int(np.clip(len(labels) // 100, 5, 40)),
        l2_regularization=1.0,
        categorical_features=categories,
        early_stopping=False,
        random_state=seed,
    ).fit(values, labels)


def _best(
    models: Sequence[HistGradientBoostingClassifier], values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_]
) -> tuple[int, npt.NDArray[np.float64]]:
    """Return after how many trees the mean of the models has the least log loss, and its raw scores, float64 (n,)."""
    stages = zip(*(model.staged_predict_proba(values) for model in models), strict=True)
    best, trees, kept = np.inf, 0, np.empty(0)
    for number, stage in enumerate(stages, start=1):
        raw = np.mean([_logit(probabilities[:, 1]) for probabilities in stage], axis=0)
        loss = float(np.mean(np.logaddexp(0.0, np.where(labels, -raw, raw))))
        if loss < best:
            best, trees, kept = loss, number, raw
    return trees, kept


def _raw(model: HistGradientBoostingClassifier, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(model.decision_function(values), dtype=np.float64)


def _logit(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.log(clipped) - np.log1p(-clipped)
