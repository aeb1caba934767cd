"""How many cases a test tries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.effort import Effort, examples, some_of


@given(st.lists(st.integers(), unique=True, min_size=2), st.integers(2, 20))
def test_chosen_values_keep_their_order_and_reach_from_the_first_to_the_last(values, number):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Effort, "thorough", False)
        found = some_of(values, number)
    assert len(found) == len(set(found)) == min(number, len(values))
    assert [values.index(value) for value in found] == sorted(map(values.index, found))
    assert (found[0], found[-1]) == (values[0], values[-1])


def test_one_of_several_values_is_refused(monkeypatch):
    monkeypatch.setattr(Effort, "thorough", False)
    assert examples(5, nightly=50) == 5
    with pytest.raises(ValueError, match="two values"):
        some_of([1, 2, 3], 1)


def test_a_thorough_run_tries_everything(monkeypatch):
    monkeypatch.setattr(Effort, "thorough", True)
    assert (examples(5, nightly=50), some_of("abcdef", 2)) == (50, list("abcdef"))
