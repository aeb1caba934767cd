"""Figures of the rows held out: of all of them, and of the parts that must not hide behind the whole."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.bootstrap import intervals
from fraud.scoring.evaluate import evaluate as measure
from fraud.tables.lead import Timeline
from fraud.tables.preparing import Prepared
from fraud.tables.report import Measured

_LEAST_MEASURED: Final = 5
"""Rows of each label below which a part has no figures."""


def measured_parts(
    rows: Prepared,
    scores: npt.NDArray[np.float64],
    times: Timeline,
    key: str | None,
    teach: npt.NDArray[np.bool_],
    seed: int,
) -> list[Measured]:
    """Measure all rows held out, those made at least a day ahead, and people who taught and new ones.

    Parameters
    ----------
    scores
        Of the rows held out, float64 (m,).
    key
        The column that says whose each row is: intervals draw whole people.
    teach
        Which of all rows taught, bool (n,).
    """
    held = ~rows.train
    truth = rows.labels[held]
    who = None if key is None else rows.frame[key]
    codes = None if who is None else _codes(who)[held]
    chosen: dict[str, npt.NDArray[np.bool_]] = {"all": np.ones(len(truth), dtype=bool)}
    if times.lead is not None:
        chosen[f"{times.known_name} a day or more after {times.made_name}"] = times.lead[held] >= 1
    if who is not None:
        seen = who[held].isin(set(who[teach].dropna())).to_numpy()
        chosen[f"{key} seen in training"] = seen
        chosen[f"{key} not seen"] = ~seen
    return [
        _measured(name, truth[part], scores[part], None if codes is None else codes[part], seed)
        for name, part in chosen.items()
    ]


def _codes(who: pd.Series) -> npt.NDArray[np.int64]:
    """Return each person a number; a row without one is a person of its own."""
    codes, found = pd.factorize(who, use_na_sentinel=True)
    alone = codes < 0
    codes[alone] = len(found) + np.arange(alone.sum())
    return np.asarray(codes, dtype=np.int64)


def _measured(
    name: str,
    truth: npt.NDArray[np.bool_],
    scores: npt.NDArray[np.float64],
    codes: npt.NDArray[np.int64] | None,
    seed: int,
) -> Measured:
    positives = int(truth.sum())
    if min(positives, len(truth) - positives) < _LEAST_MEASURED:
        return Measured(name, len(truth), positives, None, {})
    groups = None if codes is None else np.unique(codes, return_inverse=True)[1]
    return Measured(
        name, len(truth), positives, measure(truth, scores), intervals(truth, scores, groups=groups, seed=seed)
    )
