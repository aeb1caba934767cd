from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.explaining.what_if import what_if
from allocation.problem import Problem
from allocation.solver import solve
from tests.allocation import hand, small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=7, bins=3, largest=3, places=4), st.data())
def test_another_bin_is_answered_as_if_it_had_been_asked_for(problem: Problem, data: st.DataObject) -> None:
    request = data.draw(st.integers(0, problem.requests - 1))
    asked = problem.pair_bin[problem.pair_request == request].tolist()
    place = data.draw(st.integers(0, problem.bins - 1))

    answer = what_if(problem, request, bins=[place], seconds=1)

    changed = problem if place in asked else small.with_pair(problem, request, place)
    assert answer.plan.bin_of_request.tolist() == solve(changed, seconds=1).bin_of_request.tolist()
    assert answer.served == (answer.plan.bin_of_request[request] >= 0)
    assert answer.bin == answer.plan.bin_of_request[request]


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=7, bins=3, largest=3, places=4), st.data())
def test_another_position_is_answered_as_if_the_lottery_had_given_it(problem: Problem, data: st.DataObject) -> None:
    request = data.draw(st.integers(0, problem.requests - 1))
    position = data.draw(st.integers(0, int(problem.order[request])))

    answer = what_if(problem, request, position=position, seconds=1)

    changed = hand.moved(problem, request, position)
    assert answer.problem.digest == changed.digest
    assert answer.plan.bin_of_request.tolist() == solve(changed, seconds=1).bin_of_request.tolist()


@settings(max_examples=examples(30, nightly=100))
@given(small.problems(tiers=3), st.data())
def test_a_request_takes_the_tier_of_the_one_whose_position_it_takes(problem: Problem, data: st.DataObject) -> None:
    request = data.draw(st.integers(0, problem.requests - 1))
    position = data.draw(st.integers(0, problem.requests - 1))

    answer = what_if(problem, request, position=position).problem

    assert answer.order[request] == position
    assert answer.tier[request] == problem.tier[problem.order == position][0]
    others = np.delete(np.arange(problem.requests), request)
    assert (np.argsort(answer.order[others]) == np.argsort(problem.order[others])).all()
    assert (answer.tier[others] == problem.tier[others]).all()


def test_new_bins_come_after_the_others_in_the_order_given() -> None:
    problem = small.problem([[(3, 2)], [(0, 0)]], [1, 1, 1, 1])

    changed = what_if(problem, 0, bins=[2, 3, 0, 2]).problem

    assert changed.pair_bin.tolist() == [0, 2, 3, 0]
    assert changed.pair_rank.tolist() == [4, 3, 2, 0]


def test_without_a_change_the_answer_is_the_draw_itself() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [1])

    answer = what_if(problem, 1)

    assert answer.problem is problem
    assert (answer.served, answer.bin) == (False, -1)


def test_a_request_bin_or_position_that_does_not_exist_is_refused() -> None:
    problem = small.problem([[(0, 127)]], [1, 1])

    with pytest.raises(IndexError, match="no request 1 among 1"):
        what_if(problem, 1)
    with pytest.raises(ValueError, match="position: 1 is not between 0 and 0"):
        what_if(problem, 0, position=1)
    with pytest.raises(ValueError, match="bins: row 0 is 2, expected 0 to 1"):
        what_if(problem, 0, bins=[2])
    with pytest.raises(ValueError, match="choice 129 of request 0"):
        what_if(problem, 0, bins=[1])
    with pytest.raises(ValueError, match="bins: expected integers"):
        what_if(replace(problem, pair_rank=np.array([0])), 0, bins=[1.5])
