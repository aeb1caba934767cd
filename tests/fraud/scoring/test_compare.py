import pandas as pd
import pytest

from fraud.scoring.artifact import Thresholds
from fraud.scoring.compare import STEPS, compare
from fraud.scoring.evaluate import evaluate

LINES = Thresholds(challenge=0.5, review=0.9)


def a_frame(*rows):
    return pd.DataFrame(rows, columns=["score", "shadow_score", "label", "age"])


FRAME = a_frame(
    (0.1, 0.1, False, "18-29"),
    (0.1, 0.6, False, "18-29"),
    (0.6, 0.95, True, "30-44"),
    (0.95, 0.95, True, "30-44"),
    (0.5, 0.9, None, "30-44"),
    (float("nan"), 0.9, True, "30-44"),  # made without a score: there is nothing to compare
    (0.9, float("nan"), True, "30-44"),  # from before the challenger was in shadow
)


def test_agreement_counts_requests_by_what_each_would_do():
    found = compare(FRAME, thresholds=LINES, groups=["age"])

    assert found.agreement.index.tolist() == found.agreement.columns.tolist() == list(STEPS)
    assert found.agreement.to_numpy().tolist() == [[1, 1, 0], [0, 0, 2], [0, 0, 1]]
    assert found.agree == pytest.approx(2 / 5)


def test_each_group_has_the_shares_that_each_model_would_trouble():
    found = compare(FRAME, thresholds=LINES, groups=["age"]).by_group.set_index("group")

    assert found.loc["age: 18-29"].to_dict() == {
        "requests": 2,
        "champion_challenge": 0,
        "champion_review": 0,
        "challenger_challenge": 0.5,
        "challenger_review": 0,
    }
    assert found.loc["age: 30-44", "champion_review"] == pytest.approx(1 / 3)
    assert found.loc["age: 30-44", "challenger_review"] == 1


def test_metrics_and_calibration_are_of_labelled_requests_that_both_have_scored():
    found = compare(FRAME, thresholds=LINES, groups=[])

    assert found.metrics["champion"] == evaluate([False, False, True, True], [0.1, 0.1, 0.6, 0.95]).as_dict()
    assert found.metrics["challenger"] == evaluate([False, False, True, True], [0.1, 0.6, 0.95, 0.95]).as_dict()
    assert found.calibration["champion"]["rows"].tolist() == [2, 1, 1]
    assert found.by_group.empty


def test_each_model_is_judged_by_its_own_thresholds():
    found = compare(FRAME, thresholds=LINES, shadow_thresholds=Thresholds(0.99, 0.99), groups=[])

    assert found.agreement["accept"].tolist() == [2, 2, 1]


def test_rows_may_carry_any_index():
    shuffled = FRAME.set_axis([40, 10, 10, 3, 2, 1, 0])

    assert compare(shuffled.sort_values("label"), thresholds=LINES, groups=["age"]).by_group.equals(
        compare(FRAME, thresholds=LINES, groups=["age"]).by_group
    )


def test_with_labels_of_one_kind_nothing_is_measured():
    found = compare(FRAME.assign(label=False), thresholds=LINES, groups=[])

    assert found.metrics == {"champion": {}, "challenger": {}}


def test_without_requests_nothing_is_claimed():
    found = compare(FRAME.head(0), thresholds=LINES, groups=["age"])

    assert found.agreement.to_numpy().sum() == 0
    assert found.agree != found.agree
    assert found.metrics == {"champion": {}, "challenger": {}}
