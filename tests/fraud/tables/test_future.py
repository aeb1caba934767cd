"""No row from the future teaches: whatever becomes of later rows, what is said of earlier ones stays the same."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud.tables import evaluate, learning
from fraud.tables.cells import cleaned
from fraud.tables.labels import read_labels
from tests.fraud.tables.tables import bookings
from tests.support.effort import examples

pytestmark = pytest.mark.slow

CUT, MOMENT = "2024-08-01", "2024-09-15"
ASKED = {"label": "missed", "time": "booked", "train_before": CUT}


@pytest.fixture(scope="module", autouse=True)
def _one_seed():
    """Grow the trees of one seed: what they are given does not depend on how many there are."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_SEEDS", "_TUNED_WITH"):
            patch.setattr(learning, name, 1)
        yield


def table():
    """Return bookings with a column for each way in which all rows together could decide how one is read."""
    random = np.random.default_rng(6)
    frame = bookings(900)
    rows = len(frame)
    day = pd.to_datetime(frame["day"])
    frame["fee"] = [f"{one:,.2f}" for one in np.exp(random.normal(7, 1, rows))]
    frame["paid_on"] = random.choice(["03/04/2024", "05/06/2024", "07/08/2024"], rows)
    frame["sent_on"] = random.choice(["03/04/2024", "25/06/2024", "07/08/2024"], rows)
    frame["closed_year"], frame["closed_month"], frame["closed_day"] = day.dt.year, day.dt.month, day.dt.day
    frame["printed"] = (day - pd.Timedelta(days=9)).dt.strftime("%Y%m%d")
    frame["seen_at"] = (pd.to_datetime(frame["booked"]).dt.tz_localize(None) - pd.Timestamp(0)) // pd.Timedelta("1s")
    frame["code"] = random.choice([3, 7, 12, 21, 35], rows)
    frame["handset"] = [f"{one:08x}" for one in random.integers(0, 2**32, 500)[random.integers(0, 500, rows)]]
    frame["note"] = [f"asked {one} times for a place by the window" for one in random.integers(0, 10**6, rows)]
    return frame.astype(str)


def set_to(name, *values):
    def change(later, random):
        later[name] = random.choice(np.array(values, dtype=object), len(later))
        return later

    return change


def flip(later, _random):
    later["missed"] = later["missed"].map({"Yes": "No", "No": "Yes"})
    return later


def copy_keys(later, random):
    later["person_id"] = random.choice(["70001", "70002"], len(later))
    later["handset"] = random.choice(later["handset"].to_numpy()[:3], len(later))
    return later


def leak(later, _random):
    for name in ("fee", "code", "city", "note", "age"):
        later[name] = later["missed"]
    return later


def repeat(later, _random):
    return pd.concat([later, later, later.assign(age="44")])


def drop(later, random):
    return later.sample(len(later) // 2 + 1, random_state=int(random.integers(99)))


CHANGES = {
    "labels turn round": flip,
    "labels of another word": set_to("missed", "Yes", "No", "perhaps"),
    "columns become the label": leak,
    "keys come again and again": copy_keys,
    "rows come twice": repeat,
    "rows vanish": drop,
    "commas for points": set_to("fee", "1.234,50", "2,5"),
    "words for numbers": set_to("age", "old", "young", ""),
    "endless numbers": set_to("age", "inf", "-1e300", "0"),
    "days that show the order": set_to("paid_on", "04/25/2024", "25/04/2024"),
    "days in the other order": set_to("sent_on", "04/25/2024", "12/31/2024"),
    "dates in words": set_to("sent_on", "3 May 2024", "أيار 2024"),
    "no digits for a day": set_to("printed", "2024-05-03", "soon"),
    "other units of time": set_to("seen_at", "1714694400000", "12"),
    "parts out of their range": set_to("closed_month", "May", "31"),
    "years for days": set_to("closed_day", "2024"),
    "new categories": set_to("city", "Aleppo", "Homs", "حماة"),
    "other codes": set_to("code", "4.5", "x", "99"),
    "nothing": set_to("note", "", "-"),
    "one identifier": set_to("booking_id", "B0000000"),
}


def changed(frame, names, seed):
    """Change the rows after ``MOMENT``, by the changes of these names."""
    later = frame["booked"] > MOMENT
    rows, random = frame[later].copy(), np.random.default_rng(seed)
    for name in names:
        rows = CHANGES[name](rows, random)
    return pd.concat([frame[~later], rows]).sample(frac=1, random_state=seed)


def said(report):
    """Return all that is said of earlier rows, and all that was decided."""
    days = (pd.Timestamp(MOMENT) - pd.Timestamp(0)) / pd.Timedelta(days=1)
    earlier = report.scores[report.scores["time"] <= days].reset_index(drop=True)
    told = report.as_dict()
    decided = ("label", "held_out_from", "trained", "used", "left_out", "leaks", "columns")
    return earlier, {name: told[name] for name in decided}


@pytest.fixture(scope="module")
def unchanged():
    return said(evaluate(table(), **ASKED))


def check(unchanged, frame):
    earlier, decided = said(evaluate(frame, **ASKED))
    assert len(earlier) > 100
    assert earlier.equals(unchanged[0])
    assert decided == unchanged[1]


@settings(max_examples=examples(4, nightly=60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(CHANGES)), min_size=3, unique=True), seed=st.integers(0, 999))
def test_no_change_of_later_rows_changes_what_is_said_of_earlier_ones(unchanged, names, seed):
    check(unchanged, changed(table(), names, seed))


def test_all_changes_of_later_rows_together_change_nothing_earlier(unchanged):
    check(unchanged, changed(table(), [name for name in CHANGES if name != "columns become the label"], 7))
    check(unchanged, changed(table(), ["columns become the label", "rows vanish"], 8))


def test_a_change_of_rows_that_teach_is_seen(unchanged):
    frame = table()
    frame.loc[frame["booked"] < "2024-03-01", "city"] = "دمشق"
    earlier, _ = said(evaluate(frame, **ASKED))
    assert not earlier["score"].equals(unchanged[0]["score"])


def test_which_value_is_rarer_is_decided_before_the_cut():
    column = cleaned(pd.Series(["left"] * 8 + ["right"] * 2 + ["right"] * 50 + ["up"], name="way"))
    truth, meaning = read_labels(column, early=np.arange(len(column)) < 10)
    assert meaning == "right (the rarer value)"
    assert truth[:10].tolist() == [0] * 8 + [1] * 2
    assert np.isnan(truth[-1])
