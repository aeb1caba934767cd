"""Champion and challenger on the same requests: what each would do, to which people, and how often rightly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.artifact import Thresholds
from fraud.scoring.drift import calibration_report
from fraud.scoring.evaluate import EvaluationError, evaluate

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
