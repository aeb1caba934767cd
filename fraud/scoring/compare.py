"""Champion and challenger on the same requests: what each would do, to which people, and how often rightly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.artifact import Thresholds
from fraud.scoring.evaluate import EvaluationError, evaluate

Level = Literal["too few", "stable", "watch", "alarm"]
WATCH: Final = 0.1
ALARM: Final = 0.25
"""The usual reading of the population stability index (Siddiqi 2006): below 0.1 nothing, above 0.25 train again."""
FEWEST_ROWS: Final = 200
"""With fewer rows chance alone reaches ``WATCH``: the index of ten bins is about 9 / rows + 9 / rows of training."""
_BINS: Final = 10
_LEAST_SHARE: Final = 1e-4  # an empty bin would make the index endless


def reference_of(values: npt.NDArray[np.float64], names: Sequence[str]) -> dict[str, Any]:
    """Return the distribution of each column of float64 (n, f) as plain data: inner edges and shares of the bins."""
    found: dict[str, Any] = {}
    for place, name in enumerate(names):
        column = values[:, place]
        known = column[~np.isnan(column)]
        edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS, method="lower")) if len(known) else known
        found[name] = {"edges": edges.tolist(), "shares": _shares(column, edges).tolist()}
    return found


def stability_index(expected: npt.ArrayLike, found: npt.ArrayLike) -> float:
    """Return the population stability index of two distributions over the same bins; 0 where they are equal."""
    before = np.maximum(np.asarray(expected, dtype=np.float64), _LEAST_SHARE)
    now = np.maximum(np.asarray(found, dtype=np.float64), _LEAST_SHARE)
    return float(np.sum((now - before) * np.log(now / before)))


def drift_report(reference: Mapping[str, Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Compare recent rows with a model's reference.

    Returns
    -------
    pandas.DataFrame
        One row for each fact of the reference that the frame has, the worst first: ``fact``, ``rows``, ``index``
        (population stability) and ``level``. With fewer than ``FEWEST_ROWS`` rows every level is "too few": what the
        index says then is chance.
    """
    rows = []
    for name, known in reference.items():
        if name not in frame:
            continue
        column = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        index = stability_index(known["shares"], _shares(column, np.asarray(known["edges"]))) if len(column) else 0.0
        rows.append({"fact": name, "rows": len(column), "index": index, "level": _level(index, len(column))})
    report = pd.DataFrame(rows, columns=["fact", "rows", "index", "level"])
    return report.sort_values("index", ascending=False, kind="stable").reset_index(drop=True)


def calibration_report(labels: npt.ArrayLike, scores: npt.ArrayLike, *, bins: int = 10) -> pd.DataFrame:
    """Compare scores with what became of the requests, in bins of equal width.

    Returns
    -------
    pandas.DataFrame
        ``from``, ``until``, ``rows``, ``mean_score``, ``found`` (share of true labels) for each bin that has rows.
    """
    truth, score = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=np.float64)
    number = np.minimum((score * bins).astype(np.int64), bins - 1)
    rows = [
        {
            "from": place / bins,
            "until": (place + 1) / bins,
            "rows": int(inside.sum()),
            "mean_score": float(score[inside].mean()),
            "found": float(truth[inside].mean()),
        }
        for place in range(bins)
        if (inside := number == place).any()
    ]
    return pd.DataFrame(rows, columns=["from", "until", "rows", "mean_score", "found"])


def _shares(column: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the shares of the bins up to each edge, above the last one, and of what is missing."""
    missing = np.isnan(column)
    counts = np.bincount(np.searchsorted(edges, column[~missing], side="left"), minlength=len(edges) + 1)
    return np.append(counts, missing.sum()) / max(1, len(column))


def _level(index: float, rows: int) -> Level:
    if rows < FEWEST_ROWS:
        return "too few"
    if index < WATCH:
        return "stable"
    return "watch" if index < ALARM else "alarm"


STEPS: Final = ("accept", "challenge", "review")


@dataclass(frozen=True)
class Comparison:
    """What two scores say of the same requests.

    ``agreement`` counts requests by the champion's step (rows) and the challenger's (columns); ``by_group`` has for
    each group the requests and the shares that each would challenge or review; ``calibration`` and ``metrics`` are of
    labelled requests only, by "champion" and "challenger".
    """

    agreement: pd.DataFrame
    by_group: pd.DataFrame
    calibration: dict[str, pd.DataFrame]
    metrics: dict[str, dict[str, float]]

    @property
    def agree(self) -> float:
        """The share of requests to which both would do the same; nan without requests."""
        total = self.agreement.to_numpy().sum()
        return float(np.trace(self.agreement.to_numpy()) / total) if total else float("nan")


def compare(
    frame: pd.DataFrame,
    *,
    thresholds: Thresholds,
    shadow_thresholds: Thresholds | None = None,
    groups: Sequence[str],
) -> Comparison:
    """Compare ``score`` with ``shadow_score`` on rows that have both; ``label`` is true, false or None (not known).

    ``thresholds`` are the champion's, and the challenger's as well unless it has ``shadow_thresholds``.
    """
    both = frame[frame["score"].notna() & frame["shadow_score"].notna()].reset_index(drop=True)
    lines = {"champion": thresholds, "challenger": shadow_thresholds or thresholds}
    steps = {who: _steps(both[column], lines[who]) for who, column in _COLUMNS.items()}
    agreement = pd.crosstab(
        pd.Categorical(steps["champion"], STEPS), pd.Categorical(steps["challenger"], STEPS), dropna=False
    )
    rows = []
    for group in groups:
        for value, part in both.groupby(both[group].astype(str)):
            row: dict[str, object] = {"group": f"{group}: {value}", "requests": len(part)}
            for who, step in steps.items():
                for outcome in STEPS[1:]:
                    row[f"{who}_{outcome}"] = float(np.mean(step[part.index] == outcome))
            rows.append(row)
    known = both[both["label"].notna()]
    labels = known["label"].to_numpy(dtype=bool)
    return Comparison(
        agreement,
        pd.DataFrame(rows),
        {who: calibration_report(labels, known[column]) for who, column in _COLUMNS.items()},
        {who: _measured(labels, known[column].to_numpy(dtype=np.float64)) for who, column in _COLUMNS.items()},
    )


_COLUMNS: Final = {"champion": "score", "challenger": "shadow_score"}


def _steps(scores: pd.Series, thresholds: Thresholds) -> npt.NDArray[np.str_]:
    value = scores.to_numpy(dtype=np.float64)
    return np.where(
        value >= thresholds.review, "review", np.where(value >= thresholds.challenge, "challenge", "accept")
    )


def _measured(labels: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> dict[str, float]:
    try:
        return evaluate(labels, scores).as_dict()
    except EvaluationError:  # no label of one kind yet: there is nothing to measure
        return {}
