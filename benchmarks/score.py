"""One score of one request: scikit-learn's ``predict_proba`` against the flat trees, on the same rows in the same run.

Run with ``./run bench score``. Both are the same model: the numbers are compared, and have to be equal to the last bit.
"""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # one row is not worth sharing: threads would only make scikit-learn slower

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from fraud.facts import FEATURES
from fraud.features import matrix
from fraud.scoring.artifact import Artifact, Thresholds
from fraud.scoring.boosting import flatten, grow, platt
from fraud.scoring.model import SIGNS
from fraud.scoring.simulate import simulate

ROWS, TIMES = 20_000, 500


def main() -> None:
    """Print the time of one row each way, and how many times faster the flat trees are."""
    history = simulate(1, ROWS)
    table, labels = matrix(history), history["label"].to_numpy(dtype=bool)
    half = ROWS // 2
    classifier = grow(table[:half], labels[:half], signs=[SIGNS.get(name, 0) for name in FEATURES], seed=1)
    trees = flatten(classifier)
    curve = platt(trees.raw_many(table[half:]), labels[half:])
    ours = Artifact(trees, float(curve.coef_[0, 0]), float(curve.intercept_[0]), Thresholds(0.5, 0.5))
    theirs = make_pipeline(FunctionTransformer(classifier._raw_predict), curve)  # noqa: SLF001 -- calibrated, too
    assert np.array_equal(ours.score_many(table), theirs.predict_proba(table)[:, 1])
    rows = table[:TIMES]
    lists = rows.tolist()
    # In turn, so that whatever else the machine does weighs on all of them alike.
    single = [rows[place : place + 1] for place in range(TIMES)]
    taken: dict[str, list[float]] = {"predict_proba, trees alone": [], "predict_proba, calibrated": [], "flat": []}
    taken["flat, with contributions"] = []
    for place in range(TIMES):
        for name, act in (
            ("predict_proba, trees alone", lambda at=place: classifier.predict_proba(single[at])),
            ("predict_proba, calibrated", lambda at=place: theirs.predict_proba(single[at])),
            ("flat", lambda at=place: ours.score_row(lists[at])),
            ("flat, with contributions", lambda at=place: ours.trees.contributions(lists[at])),
        ):
            taken[name].append(_seconds(act))
    flat = statistics.median(taken["flat"])
    print(f"{len(trees.root)} trees, {len(trees.feature)} nodes; equal to the last bit on {ROWS:,} rows")
    print(f"{'one row':<30}{'p50 us':>10}{'p99 us':>10}{'times flat':>12}")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"{name:<30}{1e6 * median:>10.1f}{1e6 * np.quantile(seconds, 0.99):>10.1f}{median / flat:>12.1f}")


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
