from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.baselines import first_come, in_line_order
from allocation.checking.reach import ROOM
from allocation.explaining.cutoffs import Cutoffs
from allocation.plan import Plan
from allocation.problem import Problem
from allocation.weights import weights
from tests.allocation import hand, small
from tests.support.effort import examples


def gets_in(problem: Problem, plan: Plan, place: int, units: int, turn: int, turns: list[int]) -> bool:
    """Serve the plan's singles again, and a request of some units for one bin at its turn; larger ones stay."""
    served = np.flatnonzero(plan.bin_of_request >= 0)
    room = problem.places.tolist()
    line = [(turn - 0.5, [place])] * units
    for request in served.tolist():
        if problem.units[request] > 1:
            room[plan.bin_of_request[request]] -= int(problem.units[request])
        else:
            line.append((turns[request], problem.pair_bin[problem.pair_request == request].tolist()))
    line.sort(key=lambda entry: entry[0])
    wishes = [[(b, 0) for b in bins] for _, bins in line]
    together = small.greedy(small.problem(wishes, room))
    return {row for row, entry in enumerate(line) if entry[0] == turn - 0.5} <= together


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=8, bins=4, largest=4, places=4, tiers=2))
def test_a_request_of_any_size_gets_in_exactly_ahead_of_the_cut_off(problem: Problem) -> None:
    plan = hand.some_plan(problem)
    cut_offs = Cutoffs(problem, plan)
    turns = cut_offs.turn.tolist()

    for units in np.unique(problem.units).tolist():
        for place, cut_off in enumerate(cut_offs.of(units).tolist()):
            for turn in range(problem.requests + 1):
                assert (turn <= cut_off) == gets_in(problem, plan, place, units, turn, turns)


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=8, bins=4, largest=4, places=4), st.data())
def test_a_search_that_may_stop_early_answers_the_same_question(problem: Problem, data: st.DataObject) -> None:
    plan = hand.some_plan(problem)
    lazy = Cutoffs(problem, plan)

    for _ in range(4):
        units = data.draw(st.sampled_from(problem.units.tolist()))
        turn = data.draw(st.integers(-1, problem.requests))
        exact = Cutoffs(problem, plan).of(units)
        assert ((lazy.of(units, until=turn) > turn) == (exact > turn)).all()
        place = data.draw(st.integers(0, problem.bins - 1))
        assert lazy.of(units, np.array([place])).tolist() == [exact[place]]


@given(small.problems(requests=9, bins=3, largest=4, places=5))
def test_in_line_order_a_request_gets_in_exactly_ahead_of_the_cut_off(problem: Problem) -> None:
    plan = in_line_order(problem)
    cut_offs = Cutoffs(problem, plan)

    for units in np.unique(problem.units).tolist():
        for place, cut_off in enumerate(cut_offs.of(units).tolist()):
            for position in range(problem.requests + 1):
                before = (plan.bin_of_request == place) & (problem.order < position)
                room = problem.places[place] - problem.units[before].sum()
                assert (position <= cut_off) == (room >= units)


@given(small.problems(requests=6, bins=2), st.data())
def test_turns_follow_the_weights_then_the_line(problem: Problem, data: st.DataObject) -> None:
    n = problem.requests
    compensation = data.draw(st.lists(st.integers(1000, 2000), min_size=n, max_size=n))
    problem = replace(problem, compensation=np.array(compensation))

    turn = Cutoffs(problem, hand.some_plan(problem)).turn

    keys = sorted(zip((-weights(problem)).tolist(), problem.order.tolist(), turn.tolist(), strict=True))
    assert [each for _, _, each in keys] == list(range(n))


def test_a_party_needs_a_single_to_leave_for_each_of_its_units() -> None:
    # four singles fill both bins; the last two of them stand at 2 and 3
    problem = small.problem([[(0, 0)], [(1, 0)], [(0, 0), (1, 1)], [(1, 0)], [(0, 0)]], [2, 2], party=[1, 1, 1, 1, 3])
    plan = hand.planned(problem, [0, 1, 0, 1, -1])

    cut_offs = Cutoffs(problem, plan)

    assert cut_offs.of(1).tolist() == [3, 3]
    assert cut_offs.of(3).tolist() == [-1, -1]
    assert cut_offs.of(1, np.array([1])).tolist() == [3]


def test_a_bin_without_anyone_has_room_up_to_its_places() -> None:
    problem = small.problem([[], []], [2], party=[2, 3])

    cut_offs = Cutoffs(problem, hand.some_plan(problem))

    assert [cut_offs.of(units).tolist() for units in (1, 2, 3)] == [[ROOM], [ROOM], [-1]]


def test_a_size_that_nobody_has_is_refused() -> None:
    problem = small.problem([[]], [2], party=[2])

    for units in (0, 3):
        with pytest.raises(ValueError, match=f"no request has {units}"):
            Cutoffs(problem, hand.some_plan(problem)).of(units)


def test_a_plan_in_the_order_of_arrival_has_no_cut_offs() -> None:
    problem = small.problem([[(0, 0)]], [1])

    with pytest.raises(ValueError, match="order of arrival"):
        Cutoffs(problem, first_come(problem, problem.order))
