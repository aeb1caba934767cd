"""Train the score: boosted trees with known signs, calibrated and measured on later requests only."""

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from fraud.artifact import Artifact, Thresholds, Trees
from fraud.evaluate import evaluate, threshold_for
from fraud.features import FEATURES, matrix

# Where more can only be more suspicious (1) or less (-1), the model may not learn the opposite from chance.
SIGNS: Final[Mapping[str, int]] = {
    "requests_from_device_1h": 1,
    "requests_from_device_24h": 1,
    "requests_from_network_1h": 1,
    "requests_from_network_24h": 1,
    "requests_by_account_24h": 1,
    "people_on_device_30d": 1,
    "people_on_phone_30d": 1,
    "people_by_account": 1,
    "account_age_hours": -1,
    "form_seconds": -1,
    "cancellations_90d": 1,
    "no_shows_365d": 1,
    "lapsed_offers_365d": 1,
    "phone_is_registered_helper": -1,
}
# Of each hundred honest requests at most two are challenged by the score, of each thousand two are reviewed.
CHALLENGED_HONEST: Final = 0.02
REVIEWED_HONEST: Final = 0.002
MIN_ROWS: Final = 500
MIN_POSITIVES: Final = 20
_LEARN, _CALIBRATE = 0.6, 0.8
_TREES, _LEAVES, _RATE = 120, 15, 0.08


class TrainingError(Exception):
    """The history cannot train a model; the message says why."""


def fit(frame: pd.DataFrame, *, seed: int) -> Artifact:
    """Train on the earliest 60 % of a history, calibrate and choose thresholds on the next 20 %, measure on the last.

    Parameters
    ----------
    frame
        A column for each fact, ``time`` (sortable) and ``label`` (true where the request was found to hoard).
    seed
        Makes the training repeatable.

    Raises
    ------
    TrainingError
        The history is too short, lacks time or label, or a slice of it has too few hoarders or honest requests.
    FactError
        A fact is missing or not a number.
    """
    learn, calibrate, measure = _in_time(frame)
    trees = _flatten(_grow(matrix(learn), _labels(learn), seed))
    raw = Artifact(trees, 1.0, 0.0, Thresholds(1.0, 1.0))
    slope, intercept = _calibration(raw.raw_many(matrix(calibrate)), _labels(calibrate))
    calibrated = Artifact(trees, slope, intercept, raw.thresholds)
    scores = calibrated.score_many(matrix(calibrate))
    thresholds = Thresholds(
        challenge=threshold_for(_labels(calibrate), scores, troubled=CHALLENGED_HONEST),
        review=threshold_for(_labels(calibrate), scores, troubled=REVIEWED_HONEST),
    )
    later = _labels(measure)
    final_scores = calibrated.score_many(matrix(measure))
    metrics = evaluate(later, final_scores).as_dict() | {
        "honest_challenged": float(np.mean(final_scores[~later] >= thresholds.challenge)),
        "honest_reviewed": float(np.mean(final_scores[~later] >= thresholds.review)),
        "hoarders_challenged": float(np.mean(final_scores[later] >= thresholds.challenge)),
        "hoarders_reviewed": float(np.mean(final_scores[later] >= thresholds.review)),
    }
    about = {
        "data": _data_hash(frame),
        "seed": seed,
        "rows": {"learn": len(learn), "calibrate": len(calibrate), "measure": len(measure)},
        "from": str(frame["time"].min()),
        "until": str(frame["time"].max()),
        "metrics": metrics,
    }
    return Artifact(trees, slope, intercept, thresholds, about)


def _in_time(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Split by time: equal instants stay together, so no slice sees another's future."""
    for column in ("time", "label"):
        if column not in frame or frame[column].isna().any():
            raise TrainingError(f"the history needs a {column} in each row")
    if not set(frame["label"].unique()) <= {0, 1}:
        raise TrainingError("label must be true or false in each row")
    if len(frame) < MIN_ROWS:
        raise TrainingError(f"the history has {len(frame)} rows; at least {MIN_ROWS} are needed")
    ordered = frame.sort_values("time", kind="stable")
    first, second = (ordered["time"].iloc[int(len(ordered) * share)] for share in (_LEARN, _CALIBRATE))
    slices = (
        ordered[ordered["time"] < first],
        ordered[(ordered["time"] >= first) & (ordered["time"] < second)],
        ordered[ordered["time"] >= second],
    )
    for name, part in zip(("learning", "calibration", "measuring"), slices, strict=True):
        positives = int(_labels(part).sum())
        if min(positives, len(part) - positives) < MIN_POSITIVES:
            raise TrainingError(
                f"the {name} slice has {positives} hoarders in {len(part)} rows; "
                f"at least {MIN_POSITIVES} hoarders and as many honest requests are needed"
            )
    return slices


def _labels(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return frame["label"].to_numpy(dtype=bool)


def _grow(values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=_TREES,
        max_leaf_nodes=_LEAVES,
        learning_rate=_RATE,
        min_samples_leaf=40,
        l2_regularization=1.0,
        monotonic_cst=[SIGNS.get(name, 0) for name in FEATURES],
        early_stopping=False,
        random_state=seed,
    ).fit(values, labels)


def _flatten(model: HistGradientBoostingClassifier) -> Trees:
    """Lay scikit-learn's trees in a row; children keep their place after their parent."""
    nodes = [step[0].nodes for step in model._predictors]  # noqa: SLF001 -- scikit-learn offers no public way to them
    sizes = [len(tree) for tree in nodes]
    offsets = np.cumsum([0, *sizes[:-1]])
    shift = np.repeat(offsets, sizes)
    joined = np.concatenate(nodes)
    leaf = joined["is_leaf"].astype(bool)
    return Trees(
        base=float(np.asarray(model._baseline_prediction).ravel()[0]),  # noqa: SLF001
        root=offsets.astype(np.int32),
        feature=np.where(leaf, -1, joined["feature_idx"]).astype(np.int32),
        threshold=np.where(leaf, 0.0, joined["num_threshold"]).astype(np.float64),
        left=np.where(leaf, 0, joined["left"] + shift).astype(np.int32),
        right=np.where(leaf, 0, joined["right"] + shift).astype(np.int32),
        value=joined["value"].astype(np.float64),
    )


def _calibration(raw: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Fit the slope and intercept of a logistic curve (Platt 1999): strictly monotone, so no ranking is lost."""
    curve = LogisticRegression(C=1e6).fit(raw[:, np.newaxis], labels)
    return float(curve.coef_[0, 0]), float(curve.intercept_[0])


def _data_hash(frame: pd.DataFrame) -> str:
    columns = frame[[*FEATURES, "label", "time"]]
    return hashlib.sha256(pd.util.hash_pandas_object(columns, index=False).to_numpy().tobytes()).hexdigest()[:16]
