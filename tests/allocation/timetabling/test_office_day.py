from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from allocation.timetabling import Feature, OfficeDay, Proof, sample_day, solve_day
from allocation.timetabling.seats import seats
from tests.allocation.timetabling.days import best_goals, check_rules, day, days
from tests.support.effort import examples

ACCESSIBLE, ENROLMENT = int(Feature.ACCESSIBLE), int(Feature.ENROLMENT)


def values(found: Any) -> tuple[int, ...]:
    return tuple(goal.value for goal in found.goals)


@pytest.mark.slow
@given(days())
@settings(max_examples=examples(50, nightly=150), deadline=None)
def test_a_tiny_day_gets_the_best_of_all_timetables(any_day: OfficeDay) -> None:
    found = solve_day(any_day)

    check_rules(any_day, found.person_start, found.person_counter)
    assert values(found) == best_goals(any_day)
    assert found.status is Proof.OPTIMAL
    assert (found.conflict is not None) == (found.unplaced.size > 0)


@pytest.mark.slow
@given(days(largest=3, longest=3))
@settings(max_examples=50, deadline=None)
def test_long_services_and_families_too(any_day: OfficeDay) -> None:
    found = solve_day(any_day)

    check_rules(any_day, found.person_start, found.person_counter)
    assert values(found) == best_goals(any_day)


@pytest.mark.parametrize("load", [0.92, 0.99])
def test_a_day_of_three_hundred_people_is_solved_and_proven(load: float) -> None:
    given_day = sample_day(300, seed=2, load=load)

    found = solve_day(given_day)

    check_rules(given_day, found.person_start, found.person_counter)
    assert found.status is Proof.OPTIMAL
    assert values(found)[:3] == (0, 0, 0)
    arrivals = np.bincount(found.party_start, weights=np.bincount(given_day.person_party), minlength=given_day.units)
    assert values(found)[3] == arrivals.max() == -(-300 // given_day.units)


def test_a_day_with_too_many_morning_people_breaks_the_fewest_wishes() -> None:
    given_day = sample_day(300, seed=2, morning=0.6)

    found = solve_day(given_day)

    check_rules(given_day, found.person_start, found.person_counter)
    end = found.party_start + 1
    np.maximum.at(end, given_day.person_party, found.person_start + given_day.person_units)
    missed = (found.party_start < given_day.wish_from) | (end > given_day.wish_until)
    assert values(found)[1] == np.bincount(given_day.person_party)[missed].sum() > 0
    assert found.goals[1].bound == found.goals[1].value


def test_the_answer_is_the_same_every_time() -> None:
    one, other = (solve_day(sample_day(120, seed=1)) for _ in range(2))

    assert one.person_start.tolist() == other.person_start.tolist()
    assert one.person_counter.tolist() == other.person_counter.tolist()


def test_goals_go_in_their_order() -> None:
    # two fit at once; who would like unit 0 gets it although the family is then apart, and arrivals come last
    given_day = day(["11.", "111"], [(0, 1), (1, 1), (1, 1)], wish_until=[1, 3])

    found = solve_day(given_day)

    assert values(found) == (0, 0, 0, 2)
    assert found.party_start.tolist() == [0, 1]
    assert found.person_start.tolist() == [0, 1, 1]


def test_nobody_is_served_across_a_break() -> None:
    given_day = day(["1.11"], [(0, 2)])

    found = solve_day(given_day)

    assert found.person_start.tolist() == [2]


def test_among_equal_parties_the_first_row_comes_first() -> None:
    found = solve_day(day(["111"], [(0, 1), (1, 1), (2, 1)]))

    assert found.party_start.tolist() == [0, 1, 2]


def test_needs_decide_the_counter() -> None:
    given_day = day(
        ["11", "11", "11"],
        [(0, 2), (1, 2), (2, 2)],
        counter_offers=[0, ENROLMENT, ACCESSIBLE | ENROLMENT],
        person_needs=[ENROLMENT, 0, ACCESSIBLE],
    )

    assert solve_day(given_day).person_counter.tolist() == [1, 0, 2]


def test_a_shortest_visit_is_one_that_the_counters_can_really_give() -> None:
    # counting says two units are enough; the one who needs the second counter keeps the other from it
    given_day = day(["..1", "111"], [(0, 2), (0, 1)], counter_offers=[0, ACCESSIBLE], person_needs=[0, ACCESSIBLE])

    assert values(solve_day(given_day)) == (0, 0, 0, 2)


def test_a_conflict_names_the_counters_the_time_and_the_numbers() -> None:
    people = [(party, 2) for party in range(4)] + [(party, 3) for party in range(4, 6)]
    given_day = day(
        ["1" * 16, "1" * 12 + "." * 4],
        [*people, (6, 2)],
        counter_offers=[0, ACCESSIBLE],
        person_needs=[ACCESSIBLE] * 6 + [0],
        party_from=[4] * 4 + [0] * 3,
        party_until=[12, 12, 12, 12, 12, 12, 16],
    )

    found = solve_day(given_day)

    assert found.conflict is not None
    words = "6 parties need an accessible counter between 8:00 and 11:00: 14 units wanted, 12 open"
    assert found.conflict.words(given_day) == words
    assert values(found)[0] == found.goals[0].bound == 1


def test_a_conflict_of_long_services_counts_services() -> None:
    given_day = day(["11.11.1"], [(0, 2), (1, 2), (2, 2)])

    found = solve_day(given_day)

    assert found.unplaced.size == 1
    assert found.conflict is not None
    words = "3 parties need a counter between 8:00 and 9:45: 3 services of 30 minutes wanted, 2 open"
    assert found.conflict.words(given_day) == words


def test_a_conflict_that_counting_does_not_show_names_the_parties() -> None:
    given_day = day(["1.1.1"], [(0, 1), (1, 1), (1, 1)])

    found = solve_day(given_day)

    assert found.unplaced.tolist() == [1]
    assert found.conflict is not None
    words = "the party in row 1 cannot be served between 8:00 and 9:15 without a gap in a visit"
    assert found.conflict.words(given_day) == words


def test_the_smallest_conflict_leaves_out_who_is_not_part_of_it() -> None:
    people = [(0, 1), (0, 1), (1, 1), (2, 1), (3, 1)]
    given_day = day(["11.1", "11.1"], people, party_from=[1, 1, 0, 1], party_until=[4, 2, 4, 2])

    found = solve_day(given_day)

    assert found.unplaced.size == 0

    given_day = day(["11.1", "1..1"], people, party_from=[1, 1, 0, 1], party_until=[3, 4, 4, 4])
    found = solve_day(given_day)
    assert found.conflict is not None
    assert found.conflict.parties == [0]


def test_an_empty_day_and_a_closed_office_are_solved() -> None:
    empty, closed = solve_day(day(["11"], [])), solve_day(day(["..", ".."], [(0, 1), (0, 1), (1, 1)]))

    assert empty.party_start.tolist() == []
    assert values(empty) == (0, 0, 0, 0)
    assert closed.unplaced.tolist() == [0, 1]
    assert closed.conflict is not None
    no_counters = OfficeDay(open=np.ones((0, 3), np.bool_), person_party=np.array([0]), person_units=np.array([1]))
    assert solve_day(no_counters).unplaced.tolist() == [0]


def test_people_stay_at_their_counter_where_they_can() -> None:
    table = np.ones((3, 4), np.bool_)
    offers = np.zeros(3, np.int16)
    start, units, needs = np.array([0, 0, 1, 2, -1]), np.array([2, 1, 2, 2, 1]), np.zeros(5, np.int64)

    found = seats(table, offers, start, units, needs, before=np.array([2, 1, 1, 0, -1]))

    assert found is not None
    assert found.tolist() == [2, 1, 1, 0, -1]


def test_one_who_stays_may_make_room_for_another() -> None:
    # the first could stay at the only accessible counter: the second needs it
    offers = np.array([ACCESSIBLE, 0], np.int16)

    found = seats(
        np.ones((2, 1), np.bool_), offers, *np.array([[0, 0], [1, 1], [0, ACCESSIBLE]]), before=np.array([0, -1])
    )

    assert found is not None
    assert found.tolist() == [1, 0]


def test_people_that_no_counter_can_take_are_not_seated() -> None:
    assert seats(np.ones((1, 2), np.bool_), np.zeros(1, np.int16), *np.array([[0, 1], [2, 1], [0, 0]])) is None


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"open": [1, 1]}, "open: expected counters x units, found 1 dimensions"),
        ({"open": [[1, 2]]}, "open: row 0 unit 1 is 2"),
        ({"open": [[0.5, np.nan]]}, "open: expected booleans, found float64"),
        ({"open": np.ones((1, 289))}, "open: 289 units, expected at most 288"),
        ({"person_party": [0, 2]}, "person_party: nobody is in party 1"),
        ({"person_party": [0, 2_000_000_000]}, "person_party: nobody is in party 1"),
        ({"person_party": [0, -1]}, "person_party: row 1 is -1"),
        ({"person_party": [0] * 7, "person_units": [1] * 7}, "person_party: 7 people are in party 0, expected 1 to 6"),
        ({"person_units": [1]}, "person_units: expected 2 rows, found 1"),
        ({"person_units": [1, 0]}, "person_units: row 1 is 0, expected 1 to 2"),
        ({"person_needs": [0, 4]}, "person_needs: row 1 is 4, expected 0 to 3"),
        ({"counter_offers": [1, 1]}, "counter_offers: expected 1 rows, found 2"),
        ({"party_from": [0, 2], "party_until": [2, 2]}, "party_until: row 1 is 2, not after party_from"),
        ({"wish_until": [3, 2]}, "wish_until: row 0 is 3, expected 0 to 2"),
    ],
)
def test_bad_columns_are_refused_by_name_and_row(extra: dict[str, Any], message: str) -> None:
    columns = {"open": [[1, 1]], "person_party": [0, 1], "person_units": [1, 1]} | extra

    with pytest.raises(ValueError, match=message):
        OfficeDay(**{name: np.asarray(values) for name, values in columns.items()})


def test_no_work_is_refused() -> None:
    with pytest.raises(ValueError, match="work: 0"):
        solve_day(day(["1"], [(0, 1)]), work=0)
