from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from allocation import Plan, Problem, Status, solve, verify
from allocation.building.samples import country
from allocation.placing import placement
from allocation.serving.whole import price_bound, serve_split
from allocation.weights import WeightsTooLargeError
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def served(plan: Plan) -> set[int]:
    return set(np.flatnonzero(plan.bin_of_request >= 0).tolist())


@given(small.problems(tiers=3))
def test_the_first_in_line_order_are_served_and_placed_as_well_as_possible(problem: Problem) -> None:
    plan = solve(problem)

    best = max(
        small.placements(problem),
        key=lambda choice: (
            small.served_in_line(problem, choice),
            tuple(-goal for goal in small.goals(problem, choice)),
        ),
    )
    found = plan.bin_of_request.tolist()
    assert found in small.placements(problem)
    assert small.served_in_line(problem, found) == small.served_in_line(problem, best)
    assert small.goals(problem, found) == small.goals(problem, best)
    assert plan.status is Status.OPTIMAL


@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=25, bins=6, places=4))
def test_the_served_set_is_the_greedy_one_and_of_the_largest_size(problem: Problem) -> None:
    plan = solve(problem)

    places = np.repeat(np.arange(problem.bins), problem.places)
    accepts = np.zeros((problem.requests, problem.bins), np.int8)
    accepts[problem.pair_request, problem.pair_bin] = 1
    graph = csr_array(accepts[:, places]) if places.size else csr_array((problem.requests, 1), dtype=np.int8)
    matching = maximum_bipartite_matching(graph, perm_type="column")
    assert served(plan) == small.greedy(problem)
    assert plan.served_people == (matching >= 0).sum()
    assert plan.bound == plan.objective


def test_a_large_draw_serves_as_many_as_an_independent_matching_and_verifies() -> None:
    problem = country(3_000, seed=5, parties=0)
    plan = solve(problem)

    places = np.repeat(np.arange(problem.bins), problem.places)
    first = np.cumsum(problem.places) - problem.places
    rows = np.repeat(problem.pair_request, problem.places[problem.pair_bin])
    within = np.concatenate([np.arange(first[b], first[b] + problem.places[b]) for b in problem.pair_bin])
    graph = csr_array((np.ones(rows.size, np.int8), (rows, within)), shape=(problem.requests, places.size))
    assert plan.served_people == (maximum_bipartite_matching(graph, perm_type="column") >= 0).sum()
    assert verify(problem, plan).ok


@settings(max_examples=50)
@given(small.problems(requests=8, bins=4, tiers=2), st.randoms(use_true_random=False))
def test_the_plan_does_not_depend_on_the_order_of_rows(problem: Problem, random: Any) -> None:
    requests, pairs = list(range(problem.requests)), list(range(problem.pairs))
    random.shuffle(requests)
    random.shuffle(pairs)
    old_row = np.array(requests)
    new_row = np.argsort(old_row)
    shuffled = Problem(
        pair_request=new_row[problem.pair_request][pairs],
        pair_bin=problem.pair_bin[pairs],
        pair_rank=problem.pair_rank[pairs],
        pair_late=problem.pair_late[pairs],
        pair_cost=problem.pair_cost[pairs],
        party=problem.party[old_row],
        order=problem.order[old_row],
        tier=problem.tier[old_row],
        places=problem.places,
    )

    assert solve(shuffled).bin_of_request[new_row].tolist() == solve(problem).bin_of_request.tolist()


@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=10, bins=4), st.data())
def test_one_more_place_never_lowers_the_number_served(problem: Problem, data: st.DataObject) -> None:
    more = problem.places.copy()
    more[data.draw(st.integers(0, problem.bins - 1))] += 1

    assert solve(replace(problem, places=more)).served_people >= solve(problem).served_people


@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=10, bins=4), st.data())
def test_accepting_one_more_bin_never_costs_a_request_its_place(problem: Problem, data: st.DataObject) -> None:
    missing = [
        (request, place)
        for request in range(problem.requests)
        for place in range(problem.bins)
        if not ((problem.pair_request == request) & (problem.pair_bin == place)).any()
    ]
    if not missing:
        return
    request, place = data.draw(st.sampled_from(missing))

    before, after = served(solve(problem)), served(solve(small.with_pair(problem, request, place)))

    assert request not in before or request in after


def test_with_equal_wishes_the_line_decides_in_any_order_of_rows() -> None:
    problem = small.problem([[(0, 0)]] * 4, [2], order=[3, 1, 0, 2])

    assert solve(problem).bin_of_request.tolist() == [-1, 0, 0, -1]


def test_someone_moves_to_a_later_choice_when_that_serves_one_more() -> None:
    problem = small.problem([[(0, 0), (1, 1)], [(0, 0)]], [1, 1])

    assert solve(problem).bin_of_request.tolist() == [1, 0]


def test_being_in_time_comes_before_a_better_rank() -> None:
    problem = small.problem([[(0, 0), (1, 2)]], [1, 1], pair_late=[1, 0])

    assert solve(problem).bin_of_request.tolist() == [1]


def test_costs_that_do_not_fit_into_64_bits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "HIGHEST_COST", 10)

    with pytest.raises(WeightsTooLargeError, match="overflow 64 bits"):
        solve(country(50, seed=2, parties=0, home_offices=2, consulates=0, days=3))


@given(small.problems(requests=8, bins=4))
def test_one_late_unit_outweighs_all_ranks_and_one_rank_all_costs_of_a_cycle(problem: Problem) -> None:
    line = small.line_up(problem)
    rank, late = placement.placement_steps(line)
    costs, ranks = (int(np.ptp(column)) if column.size else 0 for column in (line.cost, np.append(line.rank, 0)))

    assert rank > (line.bins + 1) * costs
    assert late > (line.bins + 1) * (ranks * rank + costs)


def test_the_prices_prove_that_no_better_set_exists() -> None:
    line = small.line_up(country(500, seed=4, parties=0))

    split = serve_split(line)

    assert price_bound(line, split.prices) == int(line.weight[split.rows(line)].sum())


@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=10, bins=4, largest=4, places=6))
def test_split_units_are_worth_exactly_what_their_prices_prove(problem: Problem) -> None:
    line = small.line_up(problem)
    split = serve_split(line)
    used = np.bincount(line.bin, weights=split.units, minlength=line.bins)
    served_units = np.bincount(line.row, weights=split.units, minlength=line.requests).astype(np.int64)

    assert (used <= line.places).all()
    assert (served_units <= line.units).all()
    assert int(served_units @ line.weight) == price_bound(line, split.prices)


def test_a_draw_repeats_itself_with_one_and_two_workers() -> None:
    problem = country(800, seed=6, parties=0)

    assert solve(problem, workers=2).digest == solve(problem).digest == solve(problem, seconds=1).digest


@pytest.mark.parametrize(("arguments", "message"), [({"seconds": 0}, "seconds"), ({"workers": 0}, "workers")])
def test_impossible_limits_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solve(country(5, seed=1), **arguments)


@pytest.mark.parametrize("places", [[0, 0], [5, 5]])
def test_no_capacity_serves_nobody_and_ample_capacity_serves_all(places: list[int]) -> None:
    plan = solve(small.problem([[(0, 0), (1, 1)]] * 3, places))

    assert plan.served_people == (3 if places[0] else 0)
    assert plan.prices.tolist() == [0, 0]
