from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from allocation import Explainer, Problem, explain, solve
from allocation.reach import ROOM
from allocation.samples import country
from tests.allocation import small


@given(small.problems(requests=9, bins=4))
def test_a_bin_would_have_helped_exactly_when_asking_for_it_gives_a_place(problem: Problem) -> None:
    plan = solve(problem)
    explainer = Explainer(problem, plan)

    for request in np.flatnonzero(plan.bin_of_request < 0).tolist():
        asked = set(problem.pair_bin[problem.pair_request == request].tolist())
        enough = [
            place
            for place in sorted(set(range(problem.bins)) - asked)
            if solve(small.with_pair(problem, request, place)).bin_of_request[request] >= 0
        ]
        assert explainer.explain(request).would_have_helped.tolist() == enough


@given(small.problems(requests=9, bins=4))
def test_the_position_that_would_have_been_enough_is_the_last_one_that_gives_a_place(problem: Problem) -> None:
    plan = solve(problem)
    explainer = Explainer(problem, plan)

    for request in np.flatnonzero(plan.bin_of_request < 0).tolist():
        better = [
            position
            for position in range(problem.order[request])
            if solve(moved_forward(problem, request, position)).bin_of_request[request] >= 0
        ]
        assert explainer.explain(request).enough_position == max(better, default=-1)


def moved_forward(problem: Problem, request: int, position: int) -> Problem:
    order = problem.order.copy()
    order[(order >= position) & (order < order[request])] += 1
    order[request] = position
    return replace(problem, order=order)


def test_who_is_not_served_learns_how_many_were_ahead_and_what_would_have_been_enough() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)], [(0, 0)], [(1, 0)]], [1, 1, 1], party=[1, 1, 1, 1])

    explanation = explain(problem, solve(problem), 2)

    assert not explanation.served
    assert (explanation.requests_ahead, explanation.people_ahead, explanation.units_offered) == (2, 2, 1)
    assert explanation.would_have_helped.tolist() == [2]
    assert explanation.enough_position == 0
    assert explanation.exact
    assert "Asking also for bin 2 would have given a place" in explanation.words()


def test_who_is_served_below_the_first_choice_learns_which_better_bins_are_taken() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)]], [1, 1])

    explanation = explain(problem, solve(problem), 1)

    assert (explanation.bin, explanation.rank, explanation.late) == (1, 1, False)
    assert explanation.better_bins.tolist() == [0]
    assert explanation.would_have_helped.size == 0
    assert "choice 2" in explanation.words()


def test_for_a_party_only_bins_with_room_for_all_of_it_are_named() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [2, 3, 1], party=[2, 2])

    explanation = explain(problem, solve(problem), 1)

    assert explanation.would_have_helped.tolist() == [1]
    assert not explanation.exact
    assert explanation.enough_position is None


def test_a_bin_named_to_a_party_does_give_it_a_place() -> None:
    problem = country(120, seed=3, home_offices=3, consulates=0, days=4)
    plan = solve(problem, seconds=2)
    explainer = Explainer(problem, plan)

    for request in np.flatnonzero((plan.bin_of_request < 0) & (problem.units > 1)).tolist():
        for place in explainer.explain(request).would_have_helped.tolist()[:1]:
            used = problem.units[plan.bin_of_request == place].sum()
            assert used + problem.units[request] <= problem.places[place]


def test_a_cut_off_says_room_where_there_is_room() -> None:
    problem = small.problem([[(0, 1), (1, 0)]], [1, 0])

    explanation = explain(problem, solve(problem), 0)

    assert explanation.better_bins.tolist() == [1]
    assert explanation.cut_off.tolist() == [-1]
    assert explain(problem, replace(solve(problem), bin_of_request=np.array([-1], np.int32)), 0).cut_off[0] == ROOM


def test_a_request_or_plan_that_is_not_there_is_refused() -> None:
    problem = country(10, seed=1)

    with pytest.raises(IndexError, match="no request 10 among 10"):
        explain(problem, solve(problem), 10)
    with pytest.raises(ValueError, match="10 rows for 11 requests"):
        explain(country(11, seed=1), solve(problem), 0)
