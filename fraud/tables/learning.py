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
from fraud.tables.columns import Column, Kind
from fraud.tables.errors import TableError
from fraud.tables.leaks import alone
from fraud.tables.moments import Timeline, timeline
from fraud.tables.preparing import LEAST_TAUGHT, Prepared

_SEEDS: Final = 4
_TUNED_WITH: Final = 2
_MOST_TREES: Final = 300
_DEFAULT_TREES: Final = 40
_STEP: Final = 10
_PATIENCE: Final = 40
_RATE: Final = 0.08
_LEAVES: Final = 15
_FEATURES: Final = 0.3
"""Each split looks at this share of the features: the trees differ, and no single feature that drifts rules them."""
MOST_FEATURES: Final = 256
"""Of more features than that only those learn that tell the most by themselves."""
_MANY_FEATURES: Final = 128
_FEW_ROWS: Final = 20_000
_FEW_BINS: Final = 63
_ALL_BINS: Final = 255
"""Fewer rows than ``_FEW_ROWS`` with more features than ``_MANY_FEATURES`` are put in coarser bins: half the time."""
_TUNED_ON: Final = 0.2
_FEWEST: Final = 5


@dataclass(frozen=True, slots=True)
class Learned:
    """Trees of several seeds whose mean passes through one logistic curve, on the features ``known``, bool (f,).

    Of a category's codes those above ``codes``, float64 (f,), share one.
    """

    models: Sequence[HistGradientBoostingClassifier]
    slope: float
    intercept: float
    trees: int
    known: npt.NDArray[np.bool_]
    codes: npt.NDArray[np.float64]

    def score(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return probabilities, float64 (n,), of float64 (n, f)."""
        with threadpool_limits(limits=1):
            seen = np.minimum(values, self.codes)[:, self.known]
            raw = np.mean([_raw(model, seen) for model in self.models], axis=0)
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
    # A feature of which the early rows know nothing can teach nothing, and scikit-learn refuses it.
    known = np.asarray(~np.isnan(values[early] if early.any() else values).all(axis=0), dtype=bool)
    known = _most_telling(values, labels, categories, known, early)
    codes = np.where(categories & (_bins(values[:, known]) < _ALL_BINS), _FEW_BINS - 1.0, np.inf)
    values, categories = np.minimum(values, codes)[:, known], categories[known]
    with threadpool_limits(limits=1):
        if min(_both(labels[early]), _both(labels[late])) < _FEWEST:
            models = [_grown(values, labels, categories, _DEFAULT_TREES, seed + turn) for turn in range(_SEEDS)]
            return Learned(models, 1.0, 0.0, _DEFAULT_TREES, known, codes)
        trees, raw = _tuned(values, labels, categories, early, late, seed)
        curve = platt(raw, labels[late])
        models = [_grown(values, labels, categories, trees, seed + turn) for turn in range(_SEEDS)]
    return Learned(models, float(curve.coef_[0, 0]), float(curve.intercept_[0]), trees, known, codes)


def _most_telling(
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    categories: npt.NDArray[np.bool_],
    known: npt.NDArray[np.bool_],
    early: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Of very many features keep those that tell the most by themselves, as the early rows show: bool (f,)."""
    if known.sum() <= MOST_FEATURES or not _both(labels[early]):
        return known
    strength = np.full(len(known), -np.inf)
    for place in np.flatnonzero(known):
        strength[place] = alone(values[early, place], labels[early], category=bool(categories[place]))
    best = np.argsort(-strength, kind="stable")[:MOST_FEATURES]
    return np.isin(np.arange(len(known)), best)


def _both(labels: npt.NDArray[np.bool_]) -> int:
    return int(min(labels.sum(), (~labels).sum()))


def _grown(
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    categories: npt.NDArray[np.bool_],
    trees: int,
    seed: int,
) -> HistGradientBoostingClassifier:
    return _untrained(_bins(values), len(labels), categories, trees, seed).fit(values, labels)


def _bins(values: npt.NDArray[np.float64]) -> int:
    return _FEW_BINS if len(values) < _FEW_ROWS and values.shape[1] > _MANY_FEATURES else _ALL_BINS


def _untrained(
    bins: int, rows: int, categories: npt.NDArray[np.bool_], trees: int, seed: int, *, goes_on: bool = False
) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_bins=bins,
        max_iter=trees,
        learning_rate=_RATE,
        max_leaf_nodes=_LEAVES,
        max_features=_FEATURES,
        min_samples_leaf=int(np.clip(rows // 100, 5, 40)),
        l2_regularization=1.0,
        categorical_features=categories,
        early_stopping=False,
        warm_start=goes_on,
        random_state=seed,
    )


def _tuned(
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    categories: npt.NDArray[np.bool_],
    early: npt.NDArray[np.bool_],
    late: npt.NDArray[np.bool_],
    seed: int,
) -> tuple[int, npt.NDArray[np.float64]]:
    """Return after how many trees grown on early rows the late ones have the least log loss, and their raw scores.

    Each time so many are grown at once as patience needs in any case: every further fit sorts all values anew.
    """
    bins, rows = _bins(values), int(early.sum())
    models = [_untrained(bins, rows, categories, 0, seed + turn, goes_on=True) for turn in range(_TUNED_WITH)]
    best, trees, kept, looked_at = np.inf, 0, np.empty(0), 0
    while (grown := min(max(trees, _STEP) + _PATIENCE, _MOST_TREES)) > looked_at:
        for model in models:
            model.set_params(max_iter=grown).fit(values[early], labels[early])
        stages = zip(*(model.staged_decision_function(values[late]) for model in models), strict=True)
        for size, raws in enumerate(stages, start=1):
            if size <= looked_at or size % _STEP:
                continue
            raw = np.mean(raws, axis=0)
            loss = float(np.mean(np.logaddexp(0.0, np.where(labels[late], -raw, raw))))
            if loss < best:
                best, trees, kept = loss, size, raw
        looked_at = grown
    return trees, kept


def _raw(model: HistGradientBoostingClassifier, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(model.decision_function(values), dtype=np.float64)


def timeline_of(rows: Prepared, taught: Sequence[Column], delay: float) -> Timeline:
    """Return when each row was made and when its outcome was known, by its date columns and ``delay`` days."""
    dates = {one.name: rows.dates(one) for one in taught if one.kind is Kind.DATE}
    return timeline(rows.moments, rows.time, dates, train=rows.train, delay=delay)


def known_rows(rows: Prepared, taught: Sequence[Column], delay: float) -> npt.NDArray[np.bool_]:
    """Return the training rows whose outcomes may be looked at for leaks, as known when the held-out time began."""
    known = rows.train & (timeline_of(rows, taught, delay).known < rows.bound)
    # A date that leaks may say by mistake that hardly any was known: then the delay alone decides.
    return known if _least(rows, known) >= LEAST_TAUGHT else teachable(rows, timeline_of(rows, (), delay))


def teachable(rows: Prepared, times: Timeline) -> npt.NDArray[np.bool_]:
    """Leave out training rows whose outcome was not known yet when the held-out time began.

    Raises
    ------
    TableError
        Too few were known by then: a model made at that moment could not have learned from the others.
    """
    teach = rows.train & (times.known < rows.bound)
    if _least(rows, teach) < LEAST_TAUGHT:
        why = ""
        if times.known_name != rows.time:
            why = f"; an outcome counts as known once its “{times.known_name}” is over, unless that column is dropped"
        raise TableError(
            f"of the {int(rows.train.sum()):,} training rows {int(teach.sum()):,} had an outcome that was known before "
            f"{rows.moments.told(rows.bound)} ({int(rows.labels[teach].sum()):,} true); at least {LEAST_TAUGHT} true "
            f"and {LEAST_TAUGHT} false ones are needed: choose a later --train-before or a shorter --delay{why}"
        )
    return teach


def time_notes(rows: Prepared, times: Timeline, teach: npt.NDArray[np.bool_]) -> list[str]:
    """Say by which dates rows are made and known, and how many were not known in time to teach."""
    notes = []
    if times.lead is not None:
        notes.append(
            f"a row is made at its {times.made_name}, its outcome counts as known once its {times.known_name} is over"
        )
    if lost := int(rows.train.sum() - teach.sum()):
        what = (
            "1 row did not teach: its outcome was" if lost == 1 else f"{lost:,} rows did not teach: their outcomes were"
        )
        notes.append(f"{what} not known before {rows.moments.told(rows.bound)}")
    return notes


def _least(rows: Prepared, some: npt.NDArray[np.bool_]) -> int:
    """Count the outcomes of the rarer kind."""
    true = int(rows.labels[some].sum())
    return min(true, int(some.sum()) - true)
