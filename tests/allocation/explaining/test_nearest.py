"""The nearest place of many requests is the one that each of them finds alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.explaining.cutoffs import Cutoffs
from allocation.explaining.nearest import NOWHERE, Places, Wished, nearest
from allocation.plan import Plan
from allocation.problem import Problem
from tests.allocation import hand, small
from tests.support.effort import examples

OFFICES, DAYS, BANDS, KINDS = 3, 4, 2, 2
KM_OF_A_DAY = 25


def integers(data: st.DataObject, size: int, low: int, high: int) -> np.ndarray:
    return np.array(data.draw(st.lists(st.integers(low, high), min_size=size, max_size=size)), np.int64)


def alone(
    problem: Problem, plan: Plan, wished: Wished, places: Places, cut_offs: Cutoffs, row: int
) -> tuple[list[int], list[tuple[bool, float]]]:
    """The bins that help one request, rising, and for each whether it is early, and what it costs."""
    own = wished.offices[wished.starts[wished.label[row]] : wished.starts[wished.label[row] + 1]].tolist()
    asked = problem.pair_bin[problem.pair_request == row].tolist()
    exact = cut_offs.of(int(problem.units[row]))
    helps, costs = [], []
    for b in range(problem.bins):
        day = int(places.day[b])
        fits = places.kind[b] & wished.kind[row] and day <= wished.needed[row]
        if exact[b] <= cut_offs.turn[row] or b in asked or not fits:
            continue
        beside = max(int(wished.first[row]) - day, 0) + max(day - int(wished.last[row]), 0)
        wanted = (wished.weekdays[row] >> places.weekday[b]) & (wished.bands[row] >> places.band[b]) & 1
        km = 0.0 if places.office[b] in own or not own else places.km[own[0], places.office[b]]
        helps.append(b)
        costs.append((bool(day < wished.first[row]), km + KM_OF_A_DAY * (beside + (not wanted))))
    return helps, costs


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=9, bins=6, largest=3, places=3, tiers=2), st.data())
def test_each_request_is_told_the_bin_that_costs_it_least_the_first_among_equals(
    problem: Problem, data: st.DataObject
) -> None:
    plan, n, m = hand.some_plan(problem), problem.requests, problem.bins
    first, lists = integers(data, n, 0, DAYS - 1), [[], [0], [2, 1], [0, 1, 2]]
    distance = integers(data, OFFICES * OFFICES, 0, 60).reshape(OFFICES, OFFICES)
    places = Places(
        *(integers(data, m, 0, most - 1) for most in (OFFICES, DAYS, 7, BANDS)),
        kind=integers(data, m, 1, (1 << KINDS) - 1),
        km=(distance + distance.T).astype(np.float64),
    )
    wished = Wished(
        kind=1 << integers(data, n, 0, KINDS - 1),
        first=first,
        last=first + integers(data, n, 0, 2),
        needed=first + integers(data, n, 0, 5),
        weekdays=integers(data, n, 0, 127),
        bands=integers(data, n, 0, (1 << BANDS) - 1),
        label=integers(data, n, 0, len(lists) - 1),
        starts=np.cumsum([0, *map(len, lists)]),
        offices=np.array([office for one in lists for office in one], np.int64),
    )

    found = nearest(problem, plan, wished, places, km_of_a_day=KM_OF_A_DAY)

    cut_offs = Cutoffs(problem, plan)
    for row in range(n):
        if plan.bin_of_request[row] >= 0:
            assert found[row] == NOWHERE
            continue
        helps, costs = alone(problem, plan, wished, places, cut_offs, row)
        assert found[row] == (helps[costs.index(min(costs))] if helps else NOWHERE)
