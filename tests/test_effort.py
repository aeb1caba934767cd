"""How hard tests try: a sweep's first and last are always among what is tried, and the night leaves nothing out."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import Effort, examples, some_of, waits_for_the_night


@pytest.fixture
def thorough(monkeypatch):
    monkeypatch.setattr(Effort, "thorough", True)


def an_item(*reasons: str):
    mark = SimpleNamespace(args=reasons)
    return SimpleNamespace(nodeid="tests/test_it.py::test_it", get_closest_marker=lambda _: mark)


@pytest.fixture
def each_submission(monkeypatch):
    monkeypatch.setattr(Effort, "thorough", False)


@given(st.lists(st.integers(), unique=True, min_size=2), st.integers(2, 20))
def test_some_of_a_sweep_are_in_order_and_reach_from_end_to_end(values, number):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Effort, "thorough", False)
        found = some_of(values, number)
    assert len(found) == len(set(found)) == min(number, len(values))
    assert [values.index(value) for value in found] == sorted(map(values.index, found))
    assert (found[0], found[-1]) == (values[0], values[-1])


@pytest.mark.usefixtures("each_submission")
def test_one_value_is_no_sweep():
    with pytest.raises(ValueError, match="two values"):
        some_of([1, 2, 3], 1)


@pytest.mark.usefixtures("each_submission")
def test_a_submission_tries_few_and_leaves_what_is_marked():
    assert examples(5, nightly=50) == 5
    assert waits_for_the_night(an_item("each rule is tried by its own test"))


@pytest.mark.usefixtures("thorough")
def test_the_night_tries_all_there_is():
    assert (examples(5, nightly=50), some_of("abcdef", 2)) == (50, list("abcdef"))
    assert not waits_for_the_night(an_item("each rule is tried by its own test"))


@pytest.mark.parametrize("reasons", [(), (" ",), ("one", "two")])
def test_nothing_is_left_to_the_night_without_a_reason(reasons):
    with pytest.raises(pytest.UsageError, match="without a reason"):
        waits_for_the_night(an_item(*reasons))
