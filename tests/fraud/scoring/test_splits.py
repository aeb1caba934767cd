from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.scoring import splits
from fraud.scoring.splits import TrainingError, split
from tests.support.effort import examples


def a_frame(people, days):
    count = len(people)
    return pd.DataFrame(
        {"time": pd.Timestamp("2026-01-01") + pd.to_timedelta(days, unit="D"), "person": people}
    ).assign(label=np.arange(count) % 2 == 0)


def test_each_slice_ends_before_the_next_begins_in_any_order_of_rows(history):
    learn, calibrate, measure = split(history.sample(frac=1, random_state=1), positive="hoarders")

    assert learn["time"].max() < calibrate["time"].min()
    assert calibrate["time"].max() < measure["time"].min()


@settings(max_examples=examples(20, nightly=50), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), min_size=60, max_size=200),
    st.randoms(use_true_random=False),
)
def test_nobody_is_in_two_slices_and_no_slice_sees_the_future(rows, random):
    people, days = zip(*rows, strict=True)
    frame = a_frame(people, days)
    before = splits.MIN_ROWS, splits.MIN_POSITIVES
    splits.MIN_ROWS, splits.MIN_POSITIVES = 1, 0
    try:
        slices = split(frame, positive="hoarders")
        shuffled = split(frame.sample(frac=1, random_state=random.randrange(1000)), positive="hoarders")
    finally:
        splits.MIN_ROWS, splits.MIN_POSITIVES = before
    seen = [set(part["person"]) for part in slices]
    assert sum(map(len, seen)) == len(set.union(*seen))
    assert set.union(*seen) == set(people)  # nobody is lost
    for earlier, later in pairwise(slices):
        if len(earlier) and len(later):
            assert earlier["time"].max() < later["time"].min()
    assert [sorted(part.index) for part in slices] == [sorted(part.index) for part in shuffled]


def test_people_with_one_row_keep_it_in_any_slice():
    frame = a_frame(range(1_000), np.linspace(0, 100, 1_000))

    assert [len(part) for part in split(frame, positive="hoarders")] == [600, 200, 200]


def test_frequent_applicants_are_missing_from_no_slice():
    frame = a_frame(np.arange(3_000) % 300, np.linspace(0, 100, 3_000))
    learn, calibrate, measure = split(frame, positive="hoarders")

    assert [part["person"].nunique() > 60 for part in (learn, calibrate, measure)] == [True, True, True]


def test_a_history_of_one_person_cannot_teach():
    frame = a_frame(np.zeros(1_000), np.linspace(0, 100, 1_000))
    with pytest.raises(TrainingError, match="0 hoarders in 0 rows"):
        split(frame, positive="hoarders")
