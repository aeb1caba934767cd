import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import SlotsFullError, place_in_slots, touching_runs


def test_each_request_starts_where_the_one_before_it_ended() -> None:
    seats = place_in_slots([2, 2, 4], [1, 2, 3, 2])

    assert [seats.of(request) for request in range(4)] == [(0, [1]), (0, [1, 1]), (1, [1, 2]), (2, [2])]


@given(st.lists(st.integers(1, 9), max_size=12), st.lists(st.integers(1, 6), max_size=20))
def test_requests_that_fit_in_total_sit_in_touching_slots(free: list[int], units: list[int]) -> None:
    if sum(units) > sum(free):
        with pytest.raises(SlotsFullError, match="free units"):
            place_in_slots(free, units)
        return

    seats = place_in_slots(free, units)

    used = np.zeros(len(free), np.int64)
    for request, need in enumerate(units):
        first, taken = seats.of(request)
        assert min(taken) >= 1
        assert sum(taken) == need
        used[first : first + len(taken)] += taken
    assert (used <= np.array(free, np.int64)).all()
    # nothing is wasted: only the last slot in use has room
    assert (used[: np.flatnonzero(used)[-1]] == free[: np.flatnonzero(used)[-1]]).all() if units else True


def test_nobody_waits_through_a_full_slot() -> None:
    with pytest.raises(SlotsFullError, match="request 1 would wait through the full slot 1"):
        place_in_slots([2, 0, 2], [1, 2])

    seats = place_in_slots([2, 0, 2], [2, 2])
    assert [seats.of(0), seats.of(1)] == [(0, [2]), (2, [2])]


def test_touching_runs_end_at_full_slots() -> None:
    assert touching_runs([0, 2, 1, 0, 0, 3, 0]).tolist() == [-1, 0, 0, -1, -1, 1, -1]
    assert touching_runs([]).tolist() == []


@pytest.mark.parametrize(
    ("free", "units", "message"),
    [([-1], [1], "free: row 0 is -1"), ([1], [0], "units: row 0 is 0"), ([1.5], [1], "free: expected integers")],
)
def test_bad_numbers_are_refused(free: list[int], units: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        place_in_slots(free, units)
