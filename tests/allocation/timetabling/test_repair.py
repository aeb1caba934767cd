from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.timetabling import OfficeDay, Proof, Repair, repair_day, sample_day, solve_day
from tests.allocation.timetabling.days import check_rules, day, days, fewest_changes
from tests.support.effort import examples


def values(found: Repair) -> tuple[int, ...]:
    return tuple(goal.value for goal in found.goals)


@st.composite
def surprises(draw: st.DrawFn) -> tuple[OfficeDay, np.ndarray, int]:
    """A day, what is left open of it, and the time at which that is known."""
    any_day = draw(days(largest=3, longest=3))
    c, u = any_day.open.shape
    hours = np.array(draw(st.lists(st.integers(0, 4), min_size=c * u, max_size=c * u))).reshape(c, u) > 0
    counter = np.arange(c)[:, None] != draw(st.integers(0, c - 1))
    return any_day, any_day.open & (hours if draw(st.booleans()) else counter), draw(st.integers(0, 2))


@pytest.mark.slow
@given(surprises())
@settings(max_examples=examples(60, nightly=200), deadline=None)
def test_a_repair_changes_as_little_as_the_best_of_all_repairs(surprise: tuple[OfficeDay, np.ndarray, int]) -> None:
    any_day, left, now = surprise
    told = solve_day(any_day)

    found = repair_day(any_day, told.person_start, told.person_counter, open=left, now=now)

    assert values(found) == fewest_changes(any_day, told.person_start, told.person_counter, left, now)
    assert found.status is Proof.OPTIMAL
    coming, kept = told.person_start >= now, found.person_start >= now
    check_rules_of_a_repair(any_day, found, left, now)
    assert values(found) == (
        (coming & ~kept).sum(),
        found.moved.size,
        np.abs(found.person_start - told.person_start)[kept].sum(),
    )


@given(days(largest=3, longest=3), st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_nobody_moves_where_nothing_changed(any_day: OfficeDay, now: int) -> None:
    told = solve_day(any_day)

    found = repair_day(any_day, told.person_start, told.person_counter, open=any_day.open, now=min(now, any_day.units))

    assert found.person_start.tolist() == told.person_start.tolist()
    assert found.person_counter.tolist() == told.person_counter.tolist()
    assert (found.moved.size, found.elsewhere.size, found.lost.size) == (0, 0, 0)


def check_rules_of_a_repair(given_day: OfficeDay, found: Repair, left: np.ndarray, now: int) -> None:
    """Those who come keep to what is open; those who began keep their counter to themselves."""
    busy = np.zeros(left.shape, np.int64)
    for person in np.flatnonzero(found.person_start >= 0).tolist():
        visit = slice(found.person_start[person], found.person_start[person] + given_day.person_units[person])
        busy[found.person_counter[person], visit] += 1
        assert found.person_start[person] < now or left[found.person_counter[person], visit].all()
    assert busy.max(initial=0) <= 1


@pytest.mark.slow
def test_a_counter_closes_in_a_full_office() -> None:
    given_day = sample_day(300, seed=0)
    told = solve_day(given_day)
    left = given_day.open.copy()
    left[4, 22:26] = False

    found = repair_day(given_day, told.person_start, told.person_counter, open=left, now=20)

    check_rules(given_day, found.person_start, found.person_counter)
    began = told.person_start < 20
    assert found.person_start[began].tolist() == told.person_start[began].tolist()
    assert found.person_counter[began].tolist() == told.person_counter[began].tolist()
    assert found.status is Proof.OPTIMAL
    assert values(found)[0] == found.lost.size == 0
    assert 0 < found.moved.size == values(found)[1] <= 4


def test_people_change_counters_before_they_change_times() -> None:
    given_day = day(["11", "11", "11"], [(0, 2), (1, 2)])

    found = repair_day(given_day, [0, 0], [0, 1], open=given_day.open & [[False], [True], [True]])

    assert found.person_counter.tolist() == [2, 1]
    assert (found.moved.tolist(), found.elsewhere.tolist()) == ([], [0])


def test_people_being_served_are_served_to_the_end_and_their_family_follows() -> None:
    given_day = day(["1111", "1111"], [(0, 2), (0, 1), (1, 1)])
    left = given_day.open.copy()
    left[0, 1:] = False

    found = repair_day(given_day, [0, 2, 1], [0, 0, 1], open=left, now=1)

    assert found.person_start.tolist() == [0, 2, 1]
    assert found.person_counter.tolist() == [0, 1, 1]


def test_the_rest_of_a_family_that_began_is_lost_where_it_cannot_follow() -> None:
    given_day = day(["1111"], [(0, 1), (0, 1), (1, 1)])

    found = repair_day(given_day, [0, 1, 2], [0, 0, 0], open=[[1, 0, 1, 1]], now=1)

    assert found.person_start.tolist() == [0, -1, 2]
    assert found.lost.tolist() == [0]
    assert values(found) == (1, 0, 0)


def test_the_fewest_people_are_lost_and_the_fewest_move() -> None:
    given_day = day(["111", "111"], [(0, 1), (0, 1), (1, 1), (2, 1)])

    found = repair_day(given_day, [0, 0, 1, 2], [0, 1, 0, 0], open=[[1, 1, 1], [0, 0, 0]])

    # the family of two stays by moving one of them and the single who was in its way
    assert values(found) == (1, 1, 1)
    assert found.lost.size == 1


def test_an_old_timetable_with_a_gap_in_a_visit_may_stay_as_it_is() -> None:
    given_day = day(["111"], [(0, 1), (0, 1)])

    found = repair_day(given_day, [0, 2], [0, 0], open=given_day.open)

    assert found.moved.size == 0


def test_people_without_a_place_are_left_alone() -> None:
    given_day = day(["11"], [(0, 1), (1, 1)])

    found = repair_day(given_day, [0, -1], [0, -1], open=given_day.open)

    assert found.person_start.tolist() == [0, -1]
    assert found.lost.tolist() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"person_start": [0]}, "person_start: expected 2 rows, found 1"),
        ({"person_start": [0, 3]}, "person_start: row 1 is 3, expected -1 to 2"),
        ({"person_counter": [0, 2]}, "person_counter: row 1 is 2, expected -1 to 1"),
        ({"person_counter": [0, -1]}, "person_counter: row 1 has a start without a counter"),
        ({"person_start": [0, 0], "person_counter": [0, 0]}, "person_start: row 1 is at counter 0 from unit 0 on"),
        ({"person_start": [0, 2], "person_counter": [0, 1]}, "row 1 is at counter 1 from unit 2 on, which is closed"),
        ({"person_start": [0, 2], "person_counter": [0, 0]}, "row 1 is at counter 0 from unit 2 on, which is closed"),
        ({"person_counter": [1, 0]}, "person_counter: row 0 is at counter 1 from unit 0 on, which does not offer"),
        ({"open": [[1, 1, 1]]}, "open: found 1 x 3, expected 2 x 3"),
        ({"now": 4}, "now: 4, expected 0 to 3"),
        ({"work": 0}, "work: 0, expected more than 0"),
    ],
)
def test_a_timetable_that_could_not_have_been_kept_is_refused(change: dict[str, Any], message: str) -> None:
    given_day = day(["111", "11."], [(0, 1), (1, 2)], counter_offers=[1, 0], person_needs=[1, 0])
    columns = {"person_start": [0, 1], "person_counter": [0, 0], "open": given_day.open} | change

    with pytest.raises(ValueError, match=message):
        repair_day(given_day, columns.pop("person_start"), columns.pop("person_counter"), **columns)
