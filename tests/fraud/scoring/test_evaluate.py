import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.scoring.evaluate import EvaluationError, evaluate, threshold_for


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
