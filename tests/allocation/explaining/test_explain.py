from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.baselines import in_line_order
from allocation.building.samples import country
from allocation.explaining.explain import ROOM, Explainer, explain
from allocation.explaining.what_if import what_if
from allocation.problem import Problem
from allocation.solver import solve
from allocation.weights import weights
from tests.allocation import hand, small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def unserved(plan) -> list[int]:
    return np.flatnonzero(plan.bin_of_request < 0).tolist()


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=9, bins=4))
def test_a_bin_would_have_helped_a_single_exactly_when_asking_for_it_gives_a_place(problem: Problem) -> None:
    plan = solve(problem)
    explainer = Explainer(problem, plan)

    for request in unserved(plan):
        asked = set(problem.pair_bin[problem.pair_request == request].tolist())
        others = sorted(set(range(problem.bins)) - asked)
        enough = [place for place in others if what_if(problem, request, bins=[place]).served]
        assert explainer.explain(request).would_have_helped.tolist() == enough


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=9, bins=4))
def test_the_position_that_would_have_been_enough_is_the_last_one_that_gives_a_place(problem: Problem) -> None:
    plan = solve(problem)
    explainer = Explainer(problem, plan)

    for request in unserved(plan):
        positions = range(problem.order[request])
        better = [position for position in positions if what_if(problem, request, position=position).served]
        assert explainer.explain(request).enough_position == max(better, default=-1)


@pytest.mark.slow
@given(small.problems(requests=8, bins=3, largest=3, places=4))
def test_in_line_order_both_answers_hold_for_every_size(problem: Problem) -> None:
    plan = in_line_order(problem)
    explainer = Explainer(problem, plan)

    for request in unserved(plan):
        explanation = explainer.explain(request)
        asked = set(problem.pair_bin[problem.pair_request == request].tolist())
        helpful = [
            place
            for place in sorted(set(range(problem.bins)) - asked)
            if in_line_order(small.with_pair(problem, request, place)).bin_of_request[request] >= 0
        ]
        enough = [
            position
            for position in range(problem.order[request])
            if in_line_order(hand.moved(problem, request, position)).bin_of_request[request] >= 0
        ]
        assert explanation.would_have_helped.tolist() == helpful
        assert explanation.enough_position == max(enough, default=-1)


@given(small.problems(requests=7, bins=3, largest=2, tiers=2), st.data())
def test_a_position_counts_with_the_weight_that_the_request_would_have_there(
    problem: Problem, data: st.DataObject
) -> None:
    n = problem.requests
    problem = replace(
        problem, compensation=np.array(data.draw(st.lists(st.integers(1000, 1600), min_size=n, max_size=n)))
    )
    plan = hand.some_plan(problem)
    explainer = Explainer(problem, plan)
    neutral = weights(replace(problem, compensation=np.full(n, 1000)))[np.argsort(problem.order)]
    weight = weights(problem)

    for request in unserved(plan):
        explanation = explainer.explain(request)
        turns = explainer._cut_offs.of(int(problem.units[request]), explanation.better_bins)
        for turn, cut_off in zip(turns.tolist(), explanation.cut_off.tolist(), strict=True):
            if turn in (-1, ROOM):
                assert cut_off == turn
                continue
            leaves = int(np.flatnonzero(explainer._cut_offs.turn == turn)[0])
            enough = [
                position
                for position in range(n)
                if (neutral[position] * problem.compensation[request] // 1000, -position)
                >= (weight[leaves], -problem.order[leaves])
            ]
            assert cut_off == max(enough, default=-1)


def test_an_unserved_request_learns_who_was_ahead_and_what_would_have_been_enough() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)], [(0, 0)], [(1, 0)]], [1, 1, 1], party=[1, 1, 1, 1])

    explanation = explain(problem, solve(problem), 2)

    assert not explanation.served
    assert (explanation.requests_ahead, explanation.people_ahead, explanation.units_offered) == (2, 2, 1)
    assert explanation.would_have_helped.tolist() == [2]
    assert explanation.enough_position == 0
    assert "Position 0 in line would have been enough." in explanation.words()
    assert "Asking also for bin 2 would have given a place." in explanation.words()


def test_a_request_below_its_first_choice_learns_which_better_bins_are_taken() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)]], [1, 1])

    explanation = explain(problem, solve(problem), 1)

    assert (explanation.bin, explanation.rank, explanation.late) == (1, 1, False)
    assert explanation.better_bins.tolist() == [0]
    assert explanation.cut_off.tolist() == [0]
    assert explanation.would_have_helped.size == 0
    assert explanation.enough_position is None
    assert "choice 2" in explanation.words()


def test_a_family_learns_which_bin_lighter_singles_would_have_left_to_it() -> None:
    wishes = [[(0, 0)], [(1, 0)], [(1, 0), (2, 1)], [(2, 0)], [(1, 0)]]
    problem = small.problem(wishes, [2, 2, 1], party=[2, 1, 1, 1, 2])
    plan = hand.planned(problem, [0, 1, 1, 2, -1])

    explanation = explain(problem, plan, 4)

    # one moves on to bin 2, where the last in line leaves; then the only one left in bin 1 has to
    assert explanation.cut_off.tolist() == [1]
    assert explanation.enough_position == 1


def test_nothing_would_have_helped_where_every_bin_holds_larger_requests_only() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [2, 1], party=[2, 2])

    explanation = explain(problem, hand.planned(problem, [0, -1]), 1)

    assert explanation.enough_position == -1
    assert "No position in line would have been enough. No other single bin" in explanation.words()


def test_a_bin_with_room_has_room_as_its_cut_off() -> None:
    problem = small.problem([[(0, 1), (1, 0)]], [1, 0])

    explanation = explain(problem, solve(problem), 0)

    assert explanation.better_bins.tolist() == [1]
    assert explanation.cut_off.tolist() == [-1]
    idle = explain(problem, hand.planned(problem, [-1]), 0)
    assert idle.cut_off.tolist() == [ROOM, -1]
    assert idle.enough_position == 0


def test_a_whole_draw_is_explained_with_the_same_facts_in_any_order() -> None:
    problem = country(400, seed=3, home_offices=3, consulates=0, days=4, parties=0.5, tiers=3)
    plan = hand.some_plan(problem)
    together = Explainer(problem, plan)

    for request in reversed(range(0, problem.requests, 7)):
        one, again = explain(problem, plan, request), together.explain(request)
        assert one.words() == again.words()
        assert (one.cut_off == again.cut_off).all()
        ahead = problem.order < problem.order[request]
        asked = problem.pair_bin[problem.pair_request == request]
        rivals = ahead & np.isin(np.arange(problem.requests), problem.pair_request[np.isin(problem.pair_bin, asked)])
        assert (one.requests_ahead, one.people_ahead) == (rivals.sum(), problem.party[rivals].sum())


def test_a_request_or_plan_that_does_not_exist_is_refused() -> None:
    problem = country(10, seed=1)

    with pytest.raises(IndexError, match="no request 10 among 10"):
        explain(problem, solve(problem), 10)
    with pytest.raises(ValueError, match="10 rows for 11 requests"):
        explain(country(11, seed=1), solve(problem), 0)
