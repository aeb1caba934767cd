import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.scoring.evaluate import (
    Z_99,
    EvaluationError,
    evaluate,
    interval,
    intervals,
    threshold_for,
    weighted_figures,
    wilson,
)


def test_figures_of_a_hand_worked_case():
    metrics = evaluate([True, True, False, False], [0.9, 0.4, 0.6, 0.1])

    assert metrics.rows == 4
    assert metrics.positives == 2
    assert metrics.roc_auc == 0.75  # three of the four pairs are in order
    assert metrics.pr_auc == pytest.approx(1 / 2 * 1 + 1 / 2 * 2 / 3)
    assert metrics.brier == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)


def test_perfect_scores_find_all_without_troubling_anyone():
    metrics = evaluate([False] * 50 + [True] * 5, [0.1] * 50 + [0.9] * 5)

    assert (metrics.roc_auc, metrics.pr_auc, metrics.recall_at_1_percent) == (1, 1, 1)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        ([True, True], [0.1, 0.2]),
        ([False, False], [0.1, 0.2]),
        ([], []),
        ([True, False], [0.1]),
        ([True, False], [0.1, 1.5]),
        ([True, False], [0.1, float("nan")]),
    ],
)
def test_what_cannot_be_measured_is_an_error(labels, scores):
    with pytest.raises(EvaluationError):
        evaluate(labels, scores)


def test_the_threshold_of_a_hand_worked_case_troubles_one_of_ten():
    honest = [number / 100 for number in range(10)]

    threshold = threshold_for([False] * 10 + [True], [*honest, 0.5], troubled=0.1)

    assert sum(score >= threshold for score in honest) == 1


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=60),
    st.floats(0, 1),
)
def test_a_threshold_never_troubles_more_than_its_ceiling(honest, ceiling):
    threshold = threshold_for([False] * len(honest) + [True], [*honest, 0.5], troubled=ceiling)

    assert np.mean(np.array(honest) >= threshold) <= ceiling
    assert threshold > 0


def sample(rows, *, seed, steps=None):
    random = np.random.default_rng(seed)
    truth = random.random(rows) < 0.3
    score = np.clip(0.3 * truth + 0.7 * random.random(rows), 0, 1)
    return truth, score if steps is None else np.round(score * steps) / steps


@pytest.mark.parametrize("steps", [None, 20, 2])
def test_with_equal_weights_the_figures_are_those_of_the_evaluation(steps):
    truth, score = sample(2_000, seed=1, steps=steps)
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    found = weighted_figures(truth[order], score[order], np.ones(len(score)), ends)
    metrics = evaluate(truth, score)
    expected = [getattr(metrics, name) for name in ("roc_auc", "pr_auc", "recall_at_1_percent", "recall_at_5_percent")]
    assert found == pytest.approx((*expected, metrics.brier), abs=1e-12)


def test_a_weight_of_two_is_the_row_twice():
    truth, score = sample(300, seed=2, steps=10)
    weights = np.random.default_rng(3).integers(0, 3, 300)
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    found = weighted_figures(truth[order], score[order], weights[order].astype(float), ends)
    metrics = evaluate(np.repeat(truth, weights), np.repeat(score, weights))
    assert found[0] == pytest.approx(metrics.roc_auc)
    assert found[1] == pytest.approx(metrics.pr_auc)
    assert found[4] == pytest.approx(metrics.brier)


def test_about_95_of_100_intervals_hold_the_truth():
    truth, score = sample(200_000, seed=4)
    real = evaluate(truth, score).roc_auc
    inside = 0
    for turn in range(100):
        rows = slice(turn * 400, turn * 400 + 400)
        low, high = intervals(truth[rows], score[rows], seed=turn, draws=150)["roc_auc"]
        inside += low <= real <= high
    assert 85 <= inside <= 100


def test_rows_of_one_person_are_not_independent_evidence():
    truth, score = sample(500, seed=5)
    copies = np.repeat(np.arange(500), 4)
    alone = intervals(truth[copies], score[copies], seed=1)["roc_auc"]
    together = intervals(truth[copies], score[copies], groups=copies, seed=1)["roc_auc"]
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])


def test_the_interval_is_the_published_one():
    # Newcombe (1998), table I: 81 of 263 and 0 of 20
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_the_interval_stays_between_0_and_1():
    assert wilson(0, 0) == interval(0.0, 0, z=Z_99) == (0, 1)
    assert interval(0.0, 10, z=Z_99)[0] == 0
    assert interval(1.0, 10, z=Z_99)[1] == 1
