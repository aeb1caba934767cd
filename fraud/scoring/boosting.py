"""Grow boosted trees with known signs, lay them flat, calibrate them: the same for every model of Mawid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from fraud.scoring.trees import Trees, on_grid

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

_TREES, _LEAVES, _RATE = 120, 15, 0.08
_SURE: Final = 1e6  # the calibration has two parameters: hardly any need to hold them back


def grow(
    values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], *, signs: Sequence[int], seed: int
) -> HistGradientBoostingClassifier:
    """Grow trees on float64 (n, f) and bool (n,); ``signs`` (f,) says where more may only raise (1) or lower (-1).

    The leaves are rounded to the grid of `fraud.scoring.trees` before anything is measured: the rounded model is the
    model, and its own ``predict_proba`` says so. One thread makes the result the same on every machine; up to 300,000
    rows several are no faster, and on busy processors they wait for each other.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - takes long, and only training needs it

    model = HistGradientBoostingClassifier(
        max_iter=_TREES,
        max_leaf_nodes=_LEAVES,
        learning_rate=_RATE,
        min_samples_leaf=40,
        l2_regularization=1.0,
        monotonic_cst=list(signs),
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(limits=1):
        model.fit(values, labels)
    # scikit-learn offers no public way to its trees.
    for step in model._predictors:  # noqa: SLF001
        step[0].nodes["value"] = on_grid(step[0].nodes["value"])
    model._baseline_prediction[:] = on_grid(model._baseline_prediction)  # noqa: SLF001
    return model


def flatten(model: HistGradientBoostingClassifier) -> Trees:
    """Lay scikit-learn's trees in a row; children keep their place after their parent."""
    nodes = [step[0].nodes for step in model._predictors]  # noqa: SLF001
    sizes = [len(tree) for tree in nodes]
    offsets = np.cumsum([0, *sizes[:-1]])
    shift = np.repeat(offsets, sizes)
    joined = np.concatenate(nodes)
    leaf = joined["is_leaf"].astype(bool)
    left, right = np.where(leaf, 0, joined["left"] + shift), np.where(leaf, 0, joined["right"] + shift)
    return Trees(
        base=float(np.asarray(model._baseline_prediction).ravel()[0]),  # noqa: SLF001
        root=offsets.astype(np.int32),
        feature=np.where(leaf, -1, joined["feature_idx"]).astype(np.int32),
        threshold=np.where(leaf, 0.0, joined["num_threshold"]).astype(np.float64),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        value=np.where(leaf, joined["value"], 0.0).astype(np.float64),
        missing_left=np.where(leaf, 0, joined["missing_go_to_left"]).astype(np.uint8),
        expected=_expectations(leaf, left, right, joined["value"], joined["count"]),
    )


def _expectations(
    leaf: npt.NDArray[np.bool_],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
    count: npt.NDArray[np.uint32],
) -> npt.NDArray[np.float64]:
    """Return the mean of the leaves below each node, weighted by the training rows in them, on the grid."""
    total = np.where(leaf, value * count, 0.0)
    for node in np.flatnonzero(~leaf)[::-1]:  # children lie after their parent
        total[node] = total[left[node]] + total[right[node]]
    return np.where(leaf, value, on_grid(total / count))


def platt(raw: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_]) -> LogisticRegression:
    """Fit the slope and intercept of a logistic curve (Platt 1999): strictly monotone, so no ranking is lost."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - as in `grow`

    return LogisticRegression(C=_SURE).fit(raw[:, np.newaxis], labels)
