import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.tables.history import history

pytestmark = pytest.mark.slow


def past(rows, **kwargs):
    frame = pd.DataFrame(rows, columns=["key", "at", "known_at", "label"])
    columns = {name: frame[name].to_numpy(dtype=float) for name in ("at", "known_at")}
    return history(frame["key"], labels=frame["label"].to_numpy(dtype=float), prior=0.25, **columns, **kwargs)


def test_a_history_worked_by_hand():
    found = past(
        [
            ("a", 0, 5, 1),  # known on day 5
            ("b", 1, 2, 1),
            ("a", 5, 6, 0),  # day 5 is not later than day 5: nothing is known yet
            ("a", 40, 41, 0),
            (None, 41, 42, 1),
        ]
    )
    assert found["earlier rows"].tolist()[:4] == [0, 0, 1, 2]
    assert found["earlier rows in 30 days"].tolist()[:4] == [0, 0, 1, 0]
    assert found["time since the last row"].tolist()[2:4] == [5, 35]
    assert found["rows with a known outcome"].tolist()[:4] == [0, 0, 0, 2]
    assert found["rows known to be true"].tolist()[:4] == [0, 0, 0, 1]
    assert found["rate of those known"].tolist()[:4] == pytest.approx([0.25, 0.25, 0.25, (1 + 0.75) / 5])
    assert found["last known outcome"].tolist()[3] == 0
    assert found["rows still open"].tolist()[:4] == [0, 0, 1, 0]
    assert found.iloc[4].isna().all()


ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 80), st.integers(0, 40), st.booleans()), max_size=25
).map(lambda rows: [(key, at, at + wait, int(label)) for key, at, wait, label in rows])


@given(ROWS)
def test_it_counts_what_a_loop_counts(rows):
    found = past(rows)
    for place, (key, at, _, _) in enumerate(rows):
        if key is None:
            continue
        earlier = [other for other in rows if other[0] == key and other[1] < at]
        known = [other for other in rows if other[0] == key and other[2] < at]
        row = found.iloc[place]
        assert row["earlier rows"] == len(earlier)
        assert row["earlier rows in 30 days"] == sum(other[1] >= at - 30 for other in earlier)
        assert row["rows with a known outcome"] == len(known)
        assert row["rows known to be true"] == sum(other[3] for other in known)
        if earlier:
            assert row["time since the last row"] == at - max(other[1] for other in earlier)


@settings(max_examples=50)
@given(ROWS, st.integers(0, 80), st.randoms(use_true_random=False))
def test_what_happens_or_becomes_known_later_never_changes_the_past(rows, moment, random):
    changed = [
        (key if at < moment else random.choice(["a", "b", None]), at, known, label if known < moment else 1 - label)
        for key, at, known, label in rows
    ]
    before = np.array(
        [at <= moment and old[0] == key for old, (key, at, _, _) in zip(rows, changed, strict=True)], dtype=bool
    )
    assert past(rows)[before].equals(past(changed)[before])
