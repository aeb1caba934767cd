import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from fraud.tables import evaluate
from fraud.tables.leaks import alone, find_twins
from tests.fraud.tables.tables import bookings

pytestmark = pytest.mark.slow

ROWS = 1500


@pytest.fixture(scope="module")
def missed():
    return (bookings(ROWS)["missed"] == "Yes").to_numpy()


@pytest.fixture(scope="module")
def judged(missed):
    """What is said of columns written after the outcome, beside one that is honest and one that holds few rows."""
    chance = np.random.default_rng(2)
    asked = chance.choice(list("ABCD"), ROWS)
    columns = {
        "fee": np.where(missed & (chance.random(ROWS) < 0.7), "fee", ""),
        "number": missed * 0.9 + chance.normal(0, 0.1, ROWS),
        "text": [f"case {'closed' if one else 'open'} no {at} by desk" for at, one in enumerate(missed)],
        "clue": chance.normal(size=ROWS) + 0.8 * missed,
        "car": np.where(~missed & (chance.random(ROWS) < 0.2), 1, 0),
        "room_asked": asked,
        "room_given": np.where(~missed & (chance.random(ROWS) < 0.3), chance.choice(list("ABCD"), ROWS), asked),
    }
    return evaluate(bookings(ROWS).assign(**columns), label="missed", time="booked")


def certain(report):
    return {leak.column for leak in report.leaks if leak.certain}


def test_what_was_written_after_the_outcome_is_left_out(judged):
    assert {"fee", "number", "text"} <= certain(judged)
    assert judged.metrics.roc_auc < 0.9


def test_the_second_of_two_columns_with_the_same_words_is_left_out(judged):
    assert "room_given" in certain(judged)


def test_two_counts_that_are_equal_by_chance_are_no_twins():
    chance = np.random.default_rng(3)
    waits, spaces = (chance.choice(list("0123"), ROWS, p=[1 - 6 * p, 3 * p, 2 * p, p]) for p in (0.003, 0.025))
    labels = (spaces == "0") & (chance.random(ROWS) < 0.3)
    assert find_twins(pd.DataFrame({"waits": waits, "spaces": spaces}), ["waits", "spaces"], labels) == []


def test_honest_columns_are_not_accused(judged):
    assert certain(judged) == {"fee", "number", "text", "room_given"}
    assert "clue" not in {leak.column for leak in judged.leaks}


def test_values_that_go_with_one_outcome_but_hold_few_rows_are_named_and_kept(judged):
    assert [leak.column for leak in judged.leaks if not leak.certain] == ["car"]
    assert "leak warning: car" in str(judged)
    assert "“car” drops it" in str(judged)


def test_a_time_that_was_written_after_the_outcome_is_doubted(missed):
    frame = bookings(ROWS)
    day = pd.to_datetime(frame["day"])
    frame["closed"] = (day - pd.to_timedelta(np.where(missed, 3, -3), unit="D")).dt.strftime("%Y-%m-%d")
    frame["day_year"], frame["day_month"], frame["day_day"] = day.dt.year, day.dt.month_name(), day.dt.day
    report = evaluate(frame.drop(columns=["day", "booked"]), label="missed", time="closed")
    assert certain(report) == {"day"}
    assert any("choose another --time" in note for note in report.notes)
    assert report.metrics.roc_auc < 0.9


def test_a_date_in_three_columns_is_found_by_the_name_that_they_share():
    frame = bookings(ROWS)
    day = pd.to_datetime(frame["day"])
    parts = frame.assign(arrival_year=day.dt.year, arrival_month=day.dt.month, arrival_day_of_month=day.dt.day)
    report = evaluate(parts.drop(columns="day"), label="missed", time="arrival")
    assert report.time == "arrival_year + arrival_month + arrival_day_of_month"
    assert "booked" in report.used["dates"]


@pytest.mark.parametrize("seed", range(4))
def test_what_a_column_tells_alone_is_what_judging_row_by_row_tells(seed):
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(300) < 0.1, np.nan, rng.integers(0, 12, 300).astype(float))
    labels = rng.random(300) < 0.1 + np.nan_to_num(values) / 20
    scores = []
    for row, value in enumerate(values):
        alike = np.isnan(values) if np.isnan(value) else values == value
        others = np.delete(labels[alike], np.flatnonzero(alike).tolist().index(row))
        scores.append((others.sum() + labels.mean()) / alike.sum())
    assert alone(values, labels, category=False) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
