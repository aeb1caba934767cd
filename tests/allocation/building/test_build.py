from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import solve
from allocation.building.build import build
from tests.allocation.building.tables import (
    SUNDAY,
    capacity_frame,
    pairs_of,
    people,
    slots_frame,
    slow_pairs,
    tables,
    wishes_frame,
)
from tests.support.effort import examples

pytestmark = pytest.mark.slow

PATIENT = settings(max_examples=examples(30, nightly=100), deadline=None)
"""The first example compiles."""


@pytest.mark.slow
@PATIENT
@given(tables())
def test_the_pairs_equal_those_of_a_slow_look_at_every_request_and_bin(given: dict[str, Any]) -> None:
    built = build(**given)

    problem = built.problem
    found = zip(
        problem.pair_request.tolist(),
        problem.pair_bin.tolist(),
        problem.pair_rank.tolist(),
        problem.pair_late.tolist(),
        (problem.pair_cost // 32).tolist(),
        strict=True,
    )
    assert list(found) == list(slow_pairs(given, built.bins))


@pytest.mark.slow
@PATIENT
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(given: dict[str, Any], random: Any) -> None:
    def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[random.sample(range(len(frame)), len(frame))]

    frames = {name: shuffled(given[name]) for name in ("wishes", "slots", "offices", "pools")}

    assert build(**(given | frames)).problem.digest == build(**given).problem.digest


@pytest.mark.slow
@PATIENT
@given(tables())
def test_a_request_is_hopeless_exactly_if_no_plan_can_serve_it_alone(given: dict[str, Any]) -> None:
    built = build(**given)

    fits = built.problem.places[built.problem.pair_bin] >= built.problem.units[built.problem.pair_request]
    served = np.isin(np.arange(built.problem.requests), built.problem.pair_request[fits])
    assert built.hopeless.isna().tolist() == served.tolist()


ASKED = {
    "party": 1,
    "office": "open",
    "first_day": None,
    "last_day": None,
    "needed_by": None,
    "weekdays": 127,
    "bands": None,
    "kind": None,
    "accessible": False,
}


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"office": "closed"}, "its offices have no places"),
        ({"first_day": 4, "last_day": 2}, "its last day comes before its first"),
        ({"last_day": 2}, "its days are over before the first place"),
        ({"needed_by": 2}, "its days are over before the first place"),
        ({"first_day": 9}, "its days begin after the last place"),
        ({"first_day": 4, "last_day": 4}, "its offices have no places on its days"),
        ({"weekdays": 0b0001000}, "its offices have no places on its weekdays"),
        ({"office": "steps", "accessible": True}, "its offices have no accessible places"),
        ({"bands": "night"}, "its offices have no places at its times of day"),
        ({"office": "reserved", "kind": "visitor"}, "its offices have no places in its pools"),
        ({"party": 4}, "it needs more than any place that it accepts has"),
    ],
)
def test_a_request_that_nothing_can_serve_is_reported_with_the_reason(asked: dict[str, Any], reason: str) -> None:
    row = ASKED | asked

    built = build(
        pd.DataFrame([{name: value for name, value in row.items() if name != "office"}]),
        wishes_frame([row["office"]]),
        capacity=capacity_frame(
            ("open", 3, 3), ("open", 5, 3), ("steps", 3, 3), ("reserved", 3, 3), pool=["general"] * 3 + ["own"]
        ),
        offices=pd.DataFrame(
            {"office": ["open", "closed", "steps", "reserved"], "accessible": [True, True, False, True]}
        ),
        pools=pd.DataFrame({"pool": ["own"], "kind": ["own"]}),
        strict=True,
    )

    assert built.hopeless.tolist() == [reason]


@pytest.mark.slow
def test_without_a_wish_or_a_place_everything_is_still_a_problem() -> None:
    nothing = build(people(), wishes_frame(), slots=slots_frame())
    unasked = build(people(1), wishes_frame(), slots=slots_frame(("a", 0, 0, 1)))
    closed = build(people(1), wishes_frame(["a"]), capacity=capacity_frame(), offices=pd.DataFrame({"office": ["a"]}))

    assert (nothing.problem.requests, nothing.problem.bins, nothing.hopeless.size) == (0, 0, 0)
    assert unasked.hopeless.tolist() == ["it asks for no office"]
    assert closed.hopeless.tolist() == ["its offices have no places"]
    assert nothing.timetable(solve(nothing.problem)).empty


def test_a_request_too_large_for_one_bin_still_fits_another() -> None:
    built = build(people(3), wishes_frame(["a"]), capacity=capacity_frame(("a", 0, 2), ("a", 1, 3)))

    assert built.hopeless.isna().all()
    assert pairs_of(built) == [(0, 0), (0, 1)]


def test_within_a_rank_the_day_counts_first_then_the_band_then_the_pool() -> None:
    capacity = pd.DataFrame(
        [
            ("a", 1, "late", "general", 40),
            ("a", 0, "late", "general", 40),
            ("a", 0, "early", "general", 20),
            ("a", 0, "early", "own", 10),
        ],
        columns=["office", "day", "band", "pool", "start"],
    ).assign(places=1)
    pools = pd.DataFrame({"pool": ["own", "general", "general"], "kind": ["x", None, "x"], "cost": [0, 0, 1]})

    built = build(people(1, 1, kind=["x", "y"]), wishes_frame(["a"], ["a"]), capacity=capacity, pools=pools)

    assert pairs_of(built) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2)]
    assert built.problem.pair_cost.tolist() == [33, 3, 1, 0, 32, 2, 0]


def test_the_line_is_higher_tier_first_then_lower_position_then_row() -> None:
    asked = people(1, 1, 1, 1, tier=[0, 2, 0, 2], position=[9, 7, 3, 5])

    by_position = build(asked, wishes_frame(), slots=slots_frame()).problem
    by_row = build(asked.drop(columns="position"), wishes_frame(), slots=slots_frame()).problem

    assert by_position.order.tolist() == [3, 1, 2, 0]
    assert by_row.order.tolist() == [2, 0, 3, 1]


def test_a_late_pair_is_marked_or_with_strict_left_out() -> None:
    asked, wishes = people(1, needed_by=[SUNDAY]), wishes_frame(["a"])
    slots = slots_frame(("a", SUNDAY, 0, 1), ("a", SUNDAY + timedelta(days=1), 0, 1))

    assert build(asked, wishes, slots=slots).problem.pair_late.tolist() == [False, True]
    assert build(asked, wishes, slots=slots, strict=True).problem.pair_late.tolist() == [False]


@pytest.mark.parametrize(
    "day",
    [
        pd.Series([SUNDAY], dtype=object),
        pd.Series(["2026-11-08"]),
        pd.Series(pd.to_datetime(["2026-11-08 13:30"])),
        pd.Series(np.array(["2026-11-08"], "datetime64[s]")),
    ],
)
def test_a_day_may_be_a_date_a_datetime_or_a_text(day: Any) -> None:
    asked = people(1, first_day=day, last_day=day, weekdays=0b1000000)

    built = build(asked, wishes_frame(["a"]), capacity=capacity_frame(("a", SUNDAY, 1)))

    assert pairs_of(built) == [(0, 0)]


@pytest.mark.parametrize("label", [str, int, lambda values: pd.Categorical([str(value) for value in values])])
def test_labels_may_be_texts_numbers_or_categories(label: Any) -> None:
    def labels(*values: int) -> Any:
        return [label(value) for value in values] if isinstance(label, type) else label(values)

    built = build(
        pd.DataFrame({"request": labels(7, 5), "party": 1}),
        pd.DataFrame({"request": labels(5, 7), "office": labels(1, 2), "rank": 0}),
        capacity=pd.DataFrame({"office": labels(2, 1), "day": 0, "places": 1}),
    )

    assert pairs_of(built) == [(0, 0), (1, 1)]
    assert built.timetable(solve(built.problem)).request.astype(str).tolist() == ["7", "5"]


@PATIENT
@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_a_limit_on_one_service_is_a_pool_open_to_all_and_one_closed_to_it(
    first_time: list[bool], total: int, limit: int
) -> None:
    limit = min(limit, total)
    capacity = capacity_frame(("a", 0, limit), ("a", 0, total - limit), pool=["enrolment", "general"])
    pools = pd.DataFrame(
        {
            "pool": ["enrolment", "enrolment", "general"],
            "kind": ["first", "renewal", "renewal"],
            "cost": [0, 1, 0],
        }
    )
    kind = ["first" if each else "renewal" for each in first_time]

    built = build(
        people(*[1] * len(kind), kind=kind), wishes_frame(*[["a"] for _ in kind]), capacity=capacity, pools=pools
    )

    # down the line, everyone is served whom the total and the limit allow
    served: list[int] = []
    for row, first in enumerate(first_time):
        if len(served) < total and (not first or sum(first_time[each] for each in served) < limit):
            served.append(row)
    assert np.flatnonzero(solve(built.problem).bin_of_request >= 0).tolist() == served
