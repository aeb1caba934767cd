"""Train, calibrate and measure one model on slices of a history: the steps that all models of Mawid share."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.artifact import Artifact, Schema, Thresholds
from fraud.scoring.boosting import flatten, grow, platt
from fraud.scoring.compare import reference_of
from fraud.scoring.evaluate import evaluate
from fraud.scoring.splits import labels_of, split

Matrix = Callable[[pd.DataFrame], npt.NDArray[np.float64]]
Chooser = Callable[[npt.NDArray[np.bool_], npt.NDArray[np.float64], float], Thresholds]
Measurer = Callable[[pd.DataFrame, npt.NDArray[np.float64], Thresholds], Mapping[str, Any]]


def fit_model(
    frame: pd.DataFrame,
    *,
    schema: Schema,
    matrix: Matrix,
    signs: Mapping[str, int],
    positive: str,
    choose: Chooser,
    measure: Measurer,
    seed: int,
) -> Artifact:
    """Learn from the earliest slice, calibrate and choose thresholds on the next, measure on the last.

    Parameters
    ----------
    frame
        The columns that `fraud.scoring.splits.split` needs, and those that ``matrix`` reads.
    signs
        1 or -1 for features of which more may only raise or only lower the score.
    choose, measure
        Thresholds from labels, scores and the days that so many rows come in; further metrics of the last slice.

    Raises
    ------
    fraud.scoring.splits.TrainingError
        The history cannot teach.
    """
    slices = split(frame, positive=positive)
    values, tuning = matrix(slices.learn), matrix(slices.calibrate)
    trees = flatten(
        grow(values, labels_of(slices.learn), signs=[signs.get(name, 0) for name in schema.features], seed=seed)
    )
    curve = platt(trees.raw_many(tuning), labels_of(slices.calibrate))
    slope, intercept = float(curve.coef_[0, 0]), float(curve.intercept_[0])
    scored = Artifact(trees, slope, intercept, Thresholds(1.0, 1.0), schema=schema)
    thresholds = choose(labels_of(slices.calibrate), scored.score_many(tuning), _days_seen(frame, slices.calibrate))
    scores = scored.score_many(matrix(slices.measure))
    metrics = evaluate(labels_of(slices.measure), scores).as_dict()
    names = ("learn", "calibrate", "measure")
    about = {
        "data": data_hash(frame, schema.features),
        "seed": seed,
        "rows": {name: len(part) for name, part in zip(names, slices, strict=True)},
        "people": {name: int(part["person"].nunique()) for name, part in zip(names, slices, strict=True)},
        "from": str(frame["time"].min()),
        "until": str(frame["time"].max()),
        "signs": {name: signs[name] for name in schema.features if name in signs},
        "reference": reference_of(values, schema.features),
        "metrics": metrics | dict(measure(slices.measure, scores, thresholds)),
    }
    return Artifact(trees, slope, intercept, thresholds, about, schema)


def days_of(frame: pd.DataFrame, *, until: datetime | None = None) -> float:
    """Return the days from the earliest row to the latest, or to ``until``; at least one."""
    time = pd.to_datetime(frame["time"])
    return max(1.0, ((until or time.max()) - time.min()) / pd.Timedelta(days=1))


def _days_seen(frame: pd.DataFrame, part: pd.DataFrame) -> float:
    """Return the days in which so many rows come as the slice has.

    Who has rows in several slices keeps those of one, so a slice holds fewer rows than really came in its days; cases
    a day would be counted too low.
    """
    came = frame["time"].between(part["time"].min(), part["time"].max()).sum()
    return days_of(part) * len(part) / int(came)


def data_hash(frame: pd.DataFrame, features: tuple[str, ...]) -> str:
    """Return a hash of the rows that taught: equal tables have equal hashes."""
    columns = frame[[*features, "label", "time", "person"]]
    return hashlib.sha256(pd.util.hash_pandas_object(columns, index=False).to_numpy().tobytes()).hexdigest()[:16]
