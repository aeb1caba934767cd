import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment

from allocation.placing.auction import HIGHEST_COST, CostsTooLargeError, NoPlacementError, place_at_least_cost

Case = tuple[list[dict[int, int]], list[int]]
"""For each request the cost of each bin that it accepts; the places of the bins."""


@st.composite
def cases(draw: st.DrawFn) -> Case:
    places = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    highest = draw(st.sampled_from([0, 1, 5, 1 << 40]))
    bins = st.dictionaries(st.integers(0, len(places) - 1), st.integers(-highest, highest), min_size=1)
    return draw(st.lists(bins, max_size=8)), places


def placed(case: Case) -> NDArray[np.int32]:
    wishes, places = case
    start = np.cumsum([0, *(len(wish) for wish in wishes)], dtype=np.int64)
    bins = np.array([b for wish in wishes for b in sorted(wish)], np.int32)
    cost = np.array([wish[b] for wish in wishes for b in sorted(wish)], np.int64)
    return place_at_least_cost(start, bins, cost, np.array(places, np.int64))


def total(case: Case, bins: NDArray[np.int32]) -> int:
    return sum(wish[b] for wish, b in zip(case[0], bins.tolist(), strict=True))


def least(case: Case) -> int | None:
    """The least cost by the Hungarian method with a column for each place; None where not all can be placed."""
    wishes, places = case
    columns = [b for b, room in enumerate(places) for _ in range(room)]
    if not wishes:
        return 0
    if len(columns) < len(wishes):
        return None
    refused = 1 << 50
    table = np.array([[wish.get(b, refused) for b in columns] for wish in wishes], float)
    rows, taken = linear_sum_assignment(table)
    chosen = [wishes[row].get(columns[column]) for row, column in zip(rows, taken, strict=True)]
    return None if None in chosen else sum(cost for cost in chosen if cost is not None)


@pytest.mark.slow
@given(cases())
def test_the_cost_is_the_least_there_is_or_nobody_can_place_them_all(case: Case) -> None:
    best = least(case)

    if best is None:
        with pytest.raises(NoPlacementError):
            placed(case)
        return
    bins = placed(case)
    assert (np.bincount(bins, minlength=len(case[1])) <= case[1]).all()
    assert total(case, bins) == best


@pytest.mark.parametrize("spare", [1.0, 1.4])
@pytest.mark.parametrize("highest", [0, 3, 1 << 38])
def test_a_larger_placement_costs_what_a_flow_solver_finds(spare: float, highest: int) -> None:
    random = np.random.default_rng(7)
    requests, many = 1_500, 60
    home = random.integers(0, many, requests)
    wishes = [
        {int(b): int(random.integers(0, highest + 1)) for b in {own, *random.integers(0, many, 6)}} for own in home
    ]
    places = np.ceil(np.bincount(home, minlength=many) * spare).astype(int).tolist()

    bins = placed((wishes, places))

    assert total((wishes, places), bins) == flow_cost(wishes, places)
    assert placed((wishes, places)).tolist() == bins.tolist()


def flow_cost(wishes: list[dict[int, int]], places: list[int]) -> int:
    solver = min_cost_flow.SimpleMinCostFlow()
    n, m = len(wishes), len(places)
    for request, wish in enumerate(wishes):
        solver.set_node_supply(request, 1)
        for b, cost in wish.items():
            solver.add_arc_with_capacity_and_unit_cost(request, n + b, 1, cost)
    for b, room in enumerate(places):
        solver.add_arc_with_capacity_and_unit_cost(n + b, n + m, room, 0)
    solver.set_node_supply(n + m, -n)
    assert solver.solve() == solver.OPTIMAL
    return int(solver.optimal_cost())


def test_a_range_of_costs_that_would_overflow_is_refused() -> None:
    with pytest.raises(CostsTooLargeError, match="over 2 bins overflow 64 bits"):
        placed(([{0: 0, 1: HIGHEST_COST // 3}], [1, 1]))


def test_people_without_a_choice_keep_their_bin_and_others_move() -> None:
    assert placed(([{0: 0, 1: 9}, {0: 5}, {0: 0, 1: 1}], [1, 2])).tolist() == [1, 0, 1]


def test_no_requests_need_no_places() -> None:
    assert placed(([], [2])).size == 0
