"""How far figures might move by chance: intervals from rows, or whole people, drawn again and again."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

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
