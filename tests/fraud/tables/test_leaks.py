import numpy as np
import pandas as pd
import pytest

from fraud.tables import evaluate
from tests.fraud.tables.tables import bookings

ROWS = 1500
RANDOM = np.random.default_rng(2)


def with_column(values, name="after"):
    return bookings(ROWS).assign(**{name: values})


def certain(frame, time="booked", **asked):
    report = evaluate(frame, label="missed", time=time, **asked)
    return report, [leak.column for leak in report.leaks if leak.certain]


MISSED = (bookings(ROWS)["missed"] == "Yes").to_numpy()


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.where(MISSED & (RANDOM.random(ROWS) < 0.7), "fee", ""), id="only some true rows have it"),
        pytest.param(MISSED * 0.9 + RANDOM.normal(0, 0.1, ROWS), id="a noisy number"),
        pytest.param(
            [f"case {'closed' if one else 'open'} no {at} by desk" for at, one in enumerate(MISSED)], id="text"
        ),
    ],
)
def test_what_was_written_after_the_outcome_is_left_out(values):
    report, found = certain(with_column(values))
    assert found == ["after"]
    assert report.metrics.roc_auc < 0.9


def test_honest_columns_are_not_accused():
    number = with_column(RANDOM.normal(size=ROWS) + 0.8 * MISSED, "clue")
    assert certain(number)[1] == []


def test_the_second_of_two_columns_with_the_same_words_is_left_out():
    asked = RANDOM.choice(list("ABCD"), ROWS)
    given = np.where(~MISSED & (RANDOM.random(ROWS) < 0.3), RANDOM.choice(list("ABCD"), ROWS), asked)
    frame = with_column(asked, "room_asked").assign(room_given=given)
    assert certain(frame)[1] == ["room_given"]


def test_values_that_go_with_one_outcome_but_hold_few_rows_are_named_and_kept():
    frame = with_column(np.where(~MISSED & (RANDOM.random(ROWS) < 0.2), 1, 0), "car")
    report, found = certain(frame)
    assert found == []
    assert [leak.column for leak in report.leaks] == ["car"]
    assert "kept" in str(report)


def test_a_time_that_was_written_after_the_outcome_is_doubted():
    frame = bookings(ROWS)
    day = pd.to_datetime(frame["day"])
    frame["closed"] = (day - pd.to_timedelta(np.where(MISSED, 3, -3), unit="D")).dt.strftime("%Y-%m-%d")
    frame["day_year"], frame["day_month"], frame["day_day"] = day.dt.year, day.dt.month_name(), day.dt.day
    report, found = certain(frame.drop(columns=["day", "booked"]), time="closed")
    assert found == ["day"]
    assert any("choose another --time" in note for note in report.notes)
    assert report.metrics.roc_auc < 0.9


def test_a_date_in_three_columns_is_found_by_the_name_that_they_share():
    frame = bookings(ROWS)
    day = pd.to_datetime(frame["day"])
    parts = frame.assign(arrival_year=day.dt.year, arrival_month=day.dt.month, arrival_day_of_month=day.dt.day)
    report, _ = certain(parts.drop(columns="day"), time="arrival")
    assert report.time == "arrival_year + arrival_month + arrival_day_of_month"
    assert "booked" in report.used["dates"]
