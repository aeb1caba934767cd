from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from allocation import first_come, solve
from allocation.building.build import build
from tests.allocation.building.tables import SUNDAY, capacity_frame, pairs_of, people, slots_frame, tables, wishes_frame
from tests.support.effort import examples


@pytest.mark.slow
@settings(max_examples=examples(30, nightly=100), deadline=None)
@given(tables())
def test_a_timetable_seats_everyone_served_in_touching_slots_that_hold_them(given: dict[str, Any]) -> None:
    built = build(**given)
    plan = first_come(built.problem, built.problem.order)

    table = built.timetable(plan)

    slot = ["office", "day", "band", "pool", "start"]
    used = table.groupby(slot).units.sum()
    free = given["slots"].set_index(slot).places
    assert (used <= free.loc[used.index]).all()
    assert (table.counter + table.units <= free.loc[pd.MultiIndex.from_frame(table[slot])].to_numpy()).all()
    assert not table.sort_values([*slot, "counter"]).duplicated([*slot, "counter"]).any()
    served = np.flatnonzero(plan.bin_of_request >= 0)
    assert table.groupby("request").units.sum().to_dict() == dict(
        zip(served.tolist(), built.problem.units[served].tolist(), strict=True)
    )
    for request, rows in table.groupby("request"):
        place = built.bins.iloc[plan.bin_of_request[request]]
        assert (rows[["office", "day", "band", "pool"]] == place[["office", "day", "band", "pool"]]).all(axis=None)
        assert rows.start.tolist() == list(range(rows.start.iloc[0], rows.start.iloc[0] + len(rows)))


def test_touching_slots_with_places_are_one_bin_and_a_full_slot_or_a_gap_ends_it() -> None:
    slots = slots_frame(("a", 0, 15, 2), ("a", 0, 0, 1), ("a", 0, 30, 0), ("a", 0, 45, 4), ("a", 0, 75, 1), length=15)

    built = build(people(1), wishes_frame(["a"]), slots=slots)

    assert built.bins.to_dict("list") == {
        "office": ["a", "a", "a"],
        "day": [0, 0, 0],
        "band": ["any", "any", "any"],
        "pool": ["general", "general", "general"],
        "start": [0, 45, 75],
        "places": [3, 4, 1],
    }


def test_counters_and_slots_of_a_plan_follow_each_other_without_a_hole() -> None:
    slots = slots_frame(("a", SUNDAY, 480, 2), ("a", SUNDAY, 495, 2), ("a", SUNDAY, 510, 2), length=15)
    built = build(
        people(1, 2, 3, request=["x", "y", "z"]),
        pd.DataFrame({"request": ["x", "y", "z"], "office": "a", "rank": 0}),
        slots=slots,
    )

    table = built.timetable(solve(built.problem))

    columns = ["request", "start", "units", "counter"]
    assert table[columns].to_numpy().tolist() == [
        ["x", 480, 1, 0],
        ["y", 480, 1, 1],
        ["y", 495, 1, 0],
        ["z", 495, 1, 1],
        ["z", 510, 2, 0],
    ]
    assert table.day.tolist() == [pd.Timestamp(SUNDAY)] * 5


def test_a_row_of_capacity_is_a_bin_and_its_timetable_has_a_row_for_each_request() -> None:
    built = build(
        people(2, 1, units=[4, 1]),
        wishes_frame(["b", "a"], ["b"]),
        capacity=capacity_frame(("b", SUNDAY, 4), ("a", SUNDAY, 0), ("b", SUNDAY + timedelta(days=1), 1)),
    )

    table = built.timetable(solve(built.problem))

    assert pairs_of(built) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2)]
    assert list(table.columns) == ["request", "office", "day", "band", "pool", "units", "counter"]
    assert table.units.tolist() == [4, 1]
    assert table.day.dt.day.tolist() == [8, 9]


def test_a_plan_of_another_problem_has_no_timetable() -> None:
    built = build(people(1, 1), wishes_frame(["a"], ["a"]), capacity=capacity_frame(("a", 0, 2)))
    smaller = build(people(1), wishes_frame(["a"]), capacity=capacity_frame(("a", 0, 2)))
    fewer_places = build(people(1, 1), wishes_frame(["a"], ["a"]), capacity=capacity_frame(("a", 0, 1)))

    with pytest.raises(ValueError, match="of another problem"):
        built.timetable(solve(smaller.problem))
    with pytest.raises(ValueError, match="bin 0 holds more than its places"):
        fewer_places.timetable(solve(built.problem))
