import doctest

import numpy as np
import pandas as pd
import pytest

from fraud.tables import TableError, evaluate, evaluation, learning
from tests.fraud.tables.tables import bookings
from tests.support.effort import examples

pytestmark = pytest.mark.slow

ASKED = {"label": "missed", "time": "booked"}


@pytest.fixture(scope="module", autouse=True)
def _one_seed():
    """Grow the trees of one seed, which learn as four do; each night those of all."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_SEEDS", "_TUNED_WITH"):
            patch.setattr(learning, name, examples(1, nightly=getattr(learning, name)))
        yield


@pytest.fixture(scope="module")
def report():
    return evaluate(bookings(), **ASKED)


def test_it_predicts_later_rows_better_than_chance_and_is_calibrated(report):
    assert 0.65 < report.metrics.roc_auc < 0.9
    low, high = report.parts[0].intervals["roc_auc"]
    assert low < report.metrics.roc_auc < high
    assert abs(report.scores["score"].mean() - report.scores["label"].mean()) < 0.1


def test_identifiers_are_left_out_people_have_histories_and_it_says_so(report):
    assert "booking_id" in report.left_out
    assert list(report.used["histories of"]) == ["person_id"]
    assert report.leaks == []


def test_bookings_made_a_day_ahead_are_measured_apart(report):
    ahead = next(part for part in report.parts if part.name == "day a day or more after booked")
    assert 0 < ahead.rows < report.parts[0].rows


def test_people_who_taught_and_new_ones_are_measured_apart(report):
    seen, new = (part for part in report.parts if "seen" in part.name)
    assert seen.rows + new.rows == report.parts[0].rows
    assert seen.rows > new.rows


def test_the_order_of_the_rows_changes_nothing(report):
    mixed = evaluate(bookings().sample(frac=1, random_state=3), **ASKED)
    assert mixed.as_dict() == report.as_dict()
    assert mixed.scores.equals(report.scores)


def test_what_happens_later_changes_no_earlier_score(report):
    frame = bookings()
    first_held = frame["booked"].sort_values().iloc[int(len(frame) * 0.9)]
    later = frame["booked"] > first_held
    frame.loc[later, "missed"] = frame.loc[later, "missed"].map({"Yes": "No", "No": "Yes"})
    frame.loc[later, "age"] = 1000
    frame.loc[later, "city"] = "x"
    changed = evaluate(frame, **ASKED)
    kept = report.scores["time"].to_numpy() <= changed.scores["time"].iloc[len(report.scores) // 2 - 1]
    assert kept.sum() > 100
    assert (changed.scores["score"][kept] == report.scores["score"][kept]).all()


@pytest.mark.parametrize("copies", [("same", "words"), ("dates",)])
def test_copies_of_the_label_are_named_and_left_out(copies):
    frame = bookings()
    made = {
        "same": frame["missed"],
        "words": frame["missed"].map({"Yes": "closed without them", "No": "was here"}),
        "dates": frame["day"].where(frame["missed"] == "No"),
    }
    found = evaluate(frame.assign(**{name: made[name] for name in copies}), **ASKED)
    assert {leak.column for leak in found.leaks if leak.certain} == {*copies}
    assert found.metrics.roc_auc < 0.9
    assert all(f"leak warning: {name} may" in str(found) for name in copies)


@pytest.mark.slow
def test_a_leak_can_be_kept():
    frame = bookings()[["booked", "missed"]]
    frame["after"] = frame["missed"]
    assert evaluate(frame, **ASKED, keep=["after"]).metrics.roc_auc > 0.99


def test_a_label_that_nothing_predicts_is_not_predicted():
    frame = bookings()
    frame["missed"] = frame["missed"].sample(frac=1, random_state=1).to_numpy()
    assert 0.4 < evaluate(frame, **ASKED).metrics.roc_auc < 0.6


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "mised"}, "did you mean “missed”"),
        ({"time": "when"}, "there is no column “when”"),
        ({"time": "city"}, "the time “city” is not"),
        ({"time": "missed"}, "label and the time at once"),
        ({"train_before": "1999-01-01"}, "leaves a side empty"),
        ({"train_before": "soon"}, "“soon” is not a date"),
        ({"positive": ["maybe"]}, "never is “maybe”"),
        ({"label": "city"}, "say which is true with --positive"),
        ({"group": "family"}, "--group"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(change, said):
    with pytest.raises(TableError, match=said):
        evaluate(bookings(400), **{**ASKED, **change})


def test_too_few_rows_are_refused():
    with pytest.raises(TableError, match="150 rows can be used; at least 200"):
        evaluate(bookings(150), **ASKED)


def empty(frame):
    return frame.assign(nobody="")


def of_one_day(frame):
    return frame.assign(nobody=frame["booking_id"])


@pytest.mark.parametrize("group", [empty, of_one_day])
def test_a_group_without_any_history_does_no_harm(group):
    assert evaluate(group(bookings(800)), **ASKED, group="nobody").metrics.roc_auc > 0.5


@pytest.mark.parametrize("delay", [10_000, 235])
def test_a_delay_that_leaves_too_few_known_outcomes_is_refused(delay):
    with pytest.raises(TableError, match=r"known before 2024.*at least 20 true and 20 false"):
        evaluate(bookings(800), **ASKED, drop=["day"], delay=delay)


def test_a_date_that_makes_outcomes_unknown_is_named_where_too_few_are_known():
    frame = bookings(300)
    closed = (pd.to_datetime(frame["booked"]) + pd.Timedelta(days=365)).dt.strftime("%Y-%m-%d")
    with pytest.raises(TableError, match="“closed_on” is over, unless that column is dropped"):
        evaluate(frame.drop(columns="day").assign(closed_on=closed), **ASKED, train_before="2024-09-01")


def test_an_outcome_known_at_the_cut_itself_does_not_teach_and_is_reported():
    frame = bookings(300).drop(columns="day")
    frame["booked"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(frame.index, unit="D")).strftime("%Y-%m-%d")
    report = evaluate(frame, **ASKED, delay=1.0)
    assert "1 row did not teach: its outcome was not known before 2024-08-28" in report.notes


@pytest.mark.slow
def test_outcomes_unknown_at_the_cut_do_not_make_a_column_look_like_a_leak():
    frame = bookings(900)[["booked", "missed", "age"]]
    frame["flag"] = np.where((frame.index < 400) | (frame["missed"] == "No"), "usual", "odd")
    frame["booked"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(frame.index, unit="h")).strftime("%Y-%m-%d %H:%M")
    assert [leak.column for leak in evaluate(frame, **ASKED).leaks] == ["flag"]
    assert evaluate(frame, **ASKED, delay=14.0).leaks == []


def test_only_known_outcomes_teach_though_most_are_unknown():
    frame = bookings(1500)
    report = evaluate(frame, **ASKED, drop=["day"], delay=150, train_before="2024-08-01")

    known = pd.to_datetime(frame["booked"]) + pd.Timedelta(days=150) < pd.Timestamp("2024-08-01", tz="UTC")
    assert report.trained_rows == known.sum() < (frame["booked"] < "2024-08-01").sum() / 2
    assert any("did not teach" in note for note in report.notes)


@pytest.mark.slow
def test_a_number_whose_name_ends_in_a_people_word_teaches_as_a_number():
    frame = bookings(1500)[["booked", "missed", "age"]]
    frame["months_as_customer"] = np.random.default_rng(5).integers(0, 480, len(frame))
    frame["missed"] = np.where((frame["months_as_customer"] < 60) ^ (frame["age"] > 87), "Yes", "No")
    report = evaluate(frame, **ASKED, keep=["months_as_customer"])

    assert "months_as_customer" in report.used["numbers"]
    assert report.metrics.recall_at_1_percent > 0.5


def test_a_key_that_is_to_be_kept_is_a_number_again():
    report = evaluate(bookings(800), **ASKED, keep=["person_id"])

    assert "person_id" in report.used["numbers"]
    assert list(report.used["histories of"]) == []


def test_the_order_of_dates_is_decided_by_training_rows_and_odd_ones_are_named():
    frame = bookings(800)
    guessed = pd.Series("03/04/2024", index=frame.index).where(frame.index % 2 == 0, "05/06/2024")
    monthly = pd.to_datetime(frame["booked"]).dt.strftime("%m/%d/%Y")
    paid = monthly.where(frame.index >= 780, guessed)
    asked = monthly.where(frame.index >= 780, guessed)
    odd = monthly.where(frame.index != 5, "25/04/2024")
    report = evaluate(
        frame.assign(paid_on=paid, asked_on=asked, sent_on=odd, noted_on=guessed), **ASKED, month_first=["asked_on"]
    )

    notes = "\n".join(report.notes)
    assert "paid_on: dates were read as day/month/year; no date shows otherwise" in notes
    assert "the month first, unlike the others, such as" in notes
    assert "asked_on" not in notes
    assert "sent_on: 1 cell counts as missing, not read as a date, 1 date has the day first, unlike the others" in notes
    assert "“25/04/2024”" in notes
    assert "noted_on: dates were read as day/month/year; no date shows otherwise" in notes


def test_cells_of_every_kind_do_no_harm():
    frame = bookings(800)
    odd = [float("inf"), float("-inf"), 1e308, None, "??", {"a": 1}, [1], True, "\u200f٣"]
    frame["odd"] = [odd[place % len(odd)] for place in range(len(frame))]
    frame["late"] = [None] * 700 + list(range(100))
    frame["changes"] = ["5"] * 700 + ["words"] * 100
    assert evaluate(frame, **ASKED).metrics.roc_auc > 0.5


def test_a_word_in_a_text_is_found(report):
    frame = bookings()
    missed = frame["missed"] == "Yes"
    hint = (missed & (frame.index % 2 == 0)) | (~missed & (frame.index % 9 == 0))
    frame["note"] = [f"said number {at} would {'perhaps' if one else 'surely'} come" for at, one in enumerate(hint)]
    assert evaluate(frame, **ASKED).metrics.pr_auc > report.metrics.pr_auc + 0.1


def test_the_example_in_the_docstring_is_true():
    assert doctest.testmod(evaluation) == (0, 4)
