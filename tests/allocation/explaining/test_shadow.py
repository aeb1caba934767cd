from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from allocation.baselines import in_line_order
from allocation.building.samples import country
from allocation.explaining.shadow import shadow_prices
from allocation.problem import Problem
from allocation.solver import solve
from allocation.weights import weights
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


@pytest.mark.slow
@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=12, bins=4, tiers=3))
def test_for_singles_the_price_is_what_one_more_place_adds(problem: Problem) -> None:
    plan = solve(problem)

    table = shadow_prices(problem, plan)

    for place in range(problem.bins):
        more = problem.places.copy()
        more[place] += 1
        assert table["price"][place] == solve(replace(problem, places=more)).objective - plan.objective


def test_larger_requests_pay_the_plans_price_in_every_bin_that_can_take_them() -> None:
    problem = country(300, seed=2, home_offices=3, consulates=0, days=4, parties=0.5)
    plan = solve(problem, seconds=1)

    price = shadow_prices(problem, plan)["price"]

    large_enough = problem.places >= problem.units.max()
    assert (price[large_enough] == plan.prices[large_enough]).all()
    assert (price >= plan.prices).all()
    assert plan.prices.max() > 0


def test_a_group_counts_each_waiting_request_once_and_takes_its_best_bin() -> None:
    # bins 0 and 1 are full, 2 has room; two requests wait, one of them for both full bins
    wishes = [[(0, 0)], [(1, 0)], [(0, 0), (1, 0)], [(1, 0)], []]
    problem = small.problem(wishes, [1, 1, 2], party=[1, 1, 1, 1, 2])
    plan = solve(problem)

    bins = shadow_prices(problem, plan)
    days = shadow_prices(problem, plan, group=["sun", "sun", "mon"])

    weight = weights(problem)
    assert bins.index.tolist() == [0, 1, 2]
    assert bins["used"].tolist() == [1, 1, 0]
    assert bins["waiting"].tolist() == [1, 2, 0]
    assert bins["price"].tolist() == [weight[2], weight[2], 0]
    assert bins["cut_off"].tolist()[:2] == [0, 1]
    assert bins["cut_off"].isna().tolist() == [False, False, True]
    assert days.index.tolist() == ["mon", "sun"]
    assert days["places"].tolist() == [2, 2]
    assert days["waiting"].tolist() == [0, 2]
    assert days["price"].tolist() == [0, weight[2]]
    assert days["cut_off"].tolist()[1] == 1
    assert days["people"].tolist() == [0, pytest.approx(weight[2] / ((weight[0] + weight[1]) / 2))]


def test_a_closed_bin_is_priced_by_those_who_would_come() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 0)]], [1, 0])

    table = shadow_prices(problem, solve(problem))

    assert table["price"].tolist() == weights(problem)[[1, 1]].tolist()
    assert table["cut_off"].tolist() == [0, -1]


def test_a_family_pays_for_the_one_unit_it_lacks_but_not_for_the_first_of_many() -> None:
    problem = small.problem([[(0, 0), (1, 0)]], [2, 1], party=[3])

    table = shadow_prices(problem, solve(problem))

    assert table["price"].tolist() == [weights(problem)[0], 0]
    assert table["cut_off"].isna().all()


def test_cut_offs_are_positions_also_where_compensation_changes_the_turns() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [2], compensation=[1000, 2000])

    assert shadow_prices(problem, solve(problem))["cut_off"].tolist() == [0]


def test_shadow_prices_work_when_nobody_is_served() -> None:
    problem = small.problem([[(0, 0)]], [0])

    table = shadow_prices(problem, solve(problem))

    assert table["people"].tolist() == [0]
    assert table["price"].tolist() == [1]


def test_a_plan_without_prices_and_a_group_of_another_size_are_refused() -> None:
    problem = country(30, seed=1)
    plan = solve(problem)

    with pytest.raises(ValueError, match="in-line-order has no prices"):
        shadow_prices(problem, in_line_order(problem))
    with pytest.raises(ValueError, match="not one of this problem"):
        shadow_prices(country(31, seed=1), plan)
    with pytest.raises(ValueError, match="group: expected 1760 rows, found 2"):
        shadow_prices(problem, plan, group=[1, 2])
    with pytest.raises(ValueError, match="group: row 1 is missing"):
        shadow_prices(problem, plan, group=[1.0, np.nan] * 880)
