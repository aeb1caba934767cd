from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.facts import FEATURES
from fraud.scoring.artifact import Thresholds
from fraud.scoring.compare import (
    ALARM,
    FEWEST_ROWS,
    STEPS,
    WATCH,
    calibration_report,
    compare,
    drift_report,
    reference_of,
    stability_index,
)
from fraud.scoring.evaluate import evaluate
from fraud.scoring.simulate import simulate

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


def test_the_index_of_a_hand_worked_case():
    # (0.7 - 0.5) ln(0.7 / 0.5) + (0.3 - 0.5) ln(0.3 / 0.5)
    assert stability_index([0.5, 0.5], [0.7, 0.3]) == pytest.approx(0.2 * log(1.4) - 0.2 * log(0.6))
    assert stability_index([0.5, 0.5], [0.7, 0.3]) == pytest.approx(0.16946, abs=1e-5)


def test_an_empty_bin_counts_as_one_in_ten_thousand_and_not_as_endless():
    assert stability_index([1.0, 0.0], [0.9, 0.1]) == pytest.approx(-0.1 * log(0.9) + 0.0999 * log(1000))


shares = st.lists(st.floats(0.001, 1), min_size=4, max_size=4).map(lambda some: np.array(some) / sum(some))


@given(shares, shares)
def test_the_index_is_symmetric_and_zero_for_equal_distributions_only(one, other):
    assert stability_index(one, one) == 0
    assert stability_index(one, other) >= 0
    assert stability_index(one, other) == pytest.approx(stability_index(other, one))


def test_a_reference_is_the_tenths_of_the_training_rows_and_their_missing_share():
    known = np.array([*range(1, 101)], dtype=float)
    column = np.concatenate([known, [np.nan] * 25])

    reference = reference_of(column[:, np.newaxis], ["fact"])["fact"]

    assert reference["edges"] == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert reference["shares"] == [0.08] * 10 + [0.2]


def test_a_column_of_one_value_and_an_empty_one_have_references():
    reference = reference_of(np.array([[3.0, np.nan]] * 5), ["same", "missing"])

    assert reference["same"] == {"edges": [3.0], "shares": [1, 0, 0]}
    assert reference["missing"] == {"edges": [], "shares": [0, 1]}


@pytest.fixture
def reference():
    return reference_of(np.repeat(np.arange(10.0), 50)[:, np.newaxis], ["fact"])


def report(reference, values):
    return drift_report(reference, pd.DataFrame({"fact": values})).iloc[0]


def test_the_rows_that_taught_do_not_drift(reference):
    row = report(reference, np.repeat(np.arange(10), 50))

    assert (row["rows"], row["index"], row["level"]) == (500, 0, "stable")


def test_a_small_shift_is_watched_and_a_large_one_raises_an_alarm(reference):
    some = np.repeat(np.arange(10), [80, 70, 60, 50, 50, 50, 50, 40, 30, 20])
    most = np.repeat(np.arange(10), [250, 100, 50, 20, 20, 20, 20, 10, 5, 5])

    assert WATCH <= report(reference, some)["index"] < ALARM
    assert report(reference, some)["level"] == "watch"
    assert report(reference, most)["index"] > ALARM
    assert report(reference, most)["level"] == "alarm"


def test_values_that_are_suddenly_missing_raise_an_alarm(reference):
    values = np.repeat(np.arange(10.0), 50)
    values[::2] = np.nan

    assert report(reference, values)["level"] == "alarm"


def test_a_shift_in_few_rows_counts_as_chance(reference):
    row = report(reference, [0] * (FEWEST_ROWS - 1))

    assert row["index"] > ALARM
    assert row["level"] == "too few"
    assert report(reference, [0] * FEWEST_ROWS)["level"] == "alarm"
    assert report(reference, [])["level"] == "too few"


def test_the_worst_fact_comes_first_and_missing_facts_are_left_out():
    values = np.column_stack([np.tile(np.arange(10.0), 50)] * 3)
    reference = reference_of(values, ["calm", "moved", "gone"])
    frame = pd.DataFrame({"calm": values[:, 0], "moved": np.minimum(values[:, 1], 3)})

    assert drift_report(reference, frame)["fact"].tolist() == ["moved", "calm"]


def test_another_history_of_the_same_country_is_stable_and_one_of_bots_is_not(model):
    same = simulate(seed=77, rows=3_000)
    bots = simulate(seed=77, rows=60_000).query("kind == 'bot'")

    told = drift_report(model.about["reference"], same)
    assert told["fact"].nunique() == len(FEATURES)
    assert set(told["level"]) == {"stable"}
    assert (drift_report(model.about["reference"], bots)["level"] == "alarm").sum() > 5


def test_calibration_of_a_hand_worked_case():
    labels = [False, True, True, True, False]
    scores = [0.05, 0.15, 0.95, 1.0, 0.95]

    told = calibration_report(labels, scores)

    assert told["from"].tolist() == [0.0, 0.1, 0.9]
    assert told["until"].tolist() == [0.1, 0.2, 1.0]
    assert told["rows"].tolist() == [1, 1, 3]
    assert told["mean_score"].tolist() == pytest.approx([0.05, 0.15, 2.9 / 3])
    assert told["found"].tolist() == pytest.approx([0, 1, 2 / 3])


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=60))
def test_every_row_is_in_one_bin_and_its_score_between_the_bins_ends(rows):
    told = calibration_report([label for label, _ in rows], [score for _, score in rows])

    assert told["rows"].sum() == len(rows)
    assert (told["mean_score"] >= told["from"] - 1e-9).all()
    assert (told["mean_score"] <= told["until"] + 1e-9).all()


def test_without_labels_there_is_no_calibration():
    assert calibration_report([], []).empty
