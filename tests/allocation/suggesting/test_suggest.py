"""Moves of capacity: what the model promises is what the draw then serves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import Problem, solve
from allocation.suggesting.suggest import Demand, Goal, Moves, cut_of, least_chance, suggest


def a_problem(accepted, places, units=None):
    """One request for each list of bins."""
    n = len(accepted)
    pairs = [(row, b) for row, bins in enumerate(accepted) for b in bins]
    return Problem(
        pair_request=np.array([row for row, _ in pairs], np.int32),
        pair_bin=np.array([b for _, b in pairs], np.int32),
        pair_rank=np.zeros(len(pairs), np.int8),
        party=np.ones(n, np.int8),
        units=np.array(units or [1] * n, np.int16),
        order=np.arange(n, dtype=np.int32),
        places=np.array(places, np.int32),
    )


def served_after(problem, moves, steps):
    places = problem.places + (steps @ moves.change) // 100
    return solve(replace(problem, places=places.astype(np.int32))).served_units


def transfers(bins, most=3):
    """One unit from each bin to each other one."""
    pairs = [(a, b) for a in range(bins) for b in range(bins) if a != b]
    change = np.zeros((len(pairs), bins), np.int64)
    for row, (a, b) in enumerate(pairs):
        change[row, a], change[row, b] = -100, 100
    return Moves(change, np.full(len(pairs), most))


@st.composite
def problems(draw):
    bins = draw(st.integers(2, 4))
    accepted = draw(st.lists(st.sets(st.integers(0, bins - 1), max_size=bins).map(sorted), min_size=1, max_size=9))
    return a_problem(accepted, draw(st.lists(st.integers(0, 3), min_size=bins, max_size=bins)))


@settings(max_examples=40)
@given(problems())
def test_the_flow_serves_as_many_as_the_draw_and_its_cut_proves_it(problem):
    demand = Demand.of(problem)
    places = problem.places.astype(np.int64) * 100

    cut = cut_of(demand, places)

    assert cut.served == 100 * solve(problem).served_units
    assert cut.served == places[cut.closed].sum() + (demand.total - cut.captive) * 100


@settings(max_examples=25)
@given(problems())
def test_the_draw_serves_what_the_moves_promise_and_nothing_better_exists(problem):
    moves = transfers(problem.bins, most=1)

    found = suggest(problem, moves, Goal.MOST)

    assert served_after(problem, moves, found.steps) * 100 == found.after == found.bound
    every = np.indices([2] * moves.most.size).reshape(moves.most.size, -1).T if moves.most.size <= 6 else []
    for steps in every:
        places = problem.places + (steps @ moves.change) // 100
        if places.min() >= 0:
            assert cut_of(Demand.of(problem), places.astype(np.int64) * 100).served <= found.after


def test_places_go_where_people_wait_and_no_further():
    problem = a_problem([[0]] * 5 + [[1]], places=[2, 4])

    found = suggest(problem, transfers(2, most=9), Goal.MOST)

    assert (found.before, found.after, found.bound) == (300, 600, 600)
    assert found.steps.tolist() == [0, 3]


def test_the_worst_wait_gets_better_for_those_who_wait_longest():
    """Ten people share two places, two share four: a fifth at least can be given to all; evenly, it is a half."""
    problem = a_problem([[0]] * 10 + [[1]] * 2, places=[2, 4])
    assert least_chance(Demand.of(problem), problem.places.astype(np.int64) * 100)[0] == 20

    found = suggest(problem, transfers(2, most=9), Goal.WORST_WAIT)

    assert (found.before, found.after, found.bound) == (20, 50, 50)
    assert found.steps.tolist() == [0, 3]


def test_what_is_taken_is_given_and_bounds_hold():
    """A counter is a step of ten units; one may leave bin 1 where it goes to bin 0, and only one."""
    problem = a_problem([[0]] * 30, places=[0, 40])
    moves = Moves(
        change=np.array([[1000, 0], [0, -1000]]),
        most=np.array([3, 3]),
        balanced=np.array([[1, -1]]),
        bounded=np.array([[1, 0]]),
        at_most=np.array([1]),
    )

    found = suggest(problem, moves, Goal.MOST)

    assert found.steps.tolist() == [1, 1]
    assert (found.before, found.after) == (0, 1000)


def test_larger_requests_keep_the_promise_within_integrality():
    """Units may split in the model, and not in the draw: three places more for pairs serve one pair more."""
    problem = a_problem([[0]] * 4, places=[2, 3], units=[2] * 4)

    found = suggest(problem, transfers(2), Goal.MOST)

    assert found.after == 500
    assert served_after(problem, transfers(2), found.steps) == 4
    assert found.after / 100 - 4 < problem.units.max()


def test_a_search_can_be_given_up_while_it_runs():
    def stop(_):
        raise TimeoutError

    with pytest.raises(TimeoutError):
        suggest(a_problem([[0]], places=[0, 1]), transfers(2), Goal.MOST, on_cut=stop)


def test_a_country_without_requests_has_nothing_to_suggest():
    found = suggest(a_problem([[], []], places=[1, 1]), transfers(2), Goal.WORST_WAIT)

    assert (found.before, found.after, found.steps.tolist()) == (100, 100, [0, 0])
