import numpy as np
import pytest

from fraud.scoring.evaluate import evaluate, intervals, weighted_figures


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
