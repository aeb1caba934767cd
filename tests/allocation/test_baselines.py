import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import Problem, Status, first_come, in_line_order, solve
from allocation.samples import country
from tests.allocation import small


def test_who_comes_first_takes_the_best_place_for_good() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)]], [1, 1])

    assert first_come(problem, np.array([1, 0])).bin_of_request.tolist() == [-1, 0]
    assert first_come(problem, np.array([0, 1])).bin_of_request.tolist() == [0, 1]


def test_a_party_that_no_longer_fits_is_passed_over_and_a_smaller_one_takes_the_rest() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)], [(0, 0)]], [3], party=[2, 2, 1])

    assert in_line_order(problem).bin_of_request.tolist() == [0, -1, 0]


@given(small.problems(requests=8, bins=4, largest=3, places=5), st.randoms(use_true_random=False))
def test_a_baseline_is_feasible_and_never_better_than_the_draw(problem: Problem, random: st.DataObject) -> None:
    arrival = list(range(problem.requests))
    random.shuffle(arrival)  # type: ignore[attr-defined]

    plan = first_come(problem, np.array(arrival))

    assert plan.bin_of_request.tolist() in small.placements(problem)
    assert plan.objective <= solve(problem, seconds=2).objective
    assert plan.status is Status.BASELINE


@given(small.problems(requests=6, bins=4), st.data())
def test_in_line_order_nobody_gains_by_hiding_a_bin(problem: Problem, data: st.DataObject) -> None:
    request = data.draw(st.integers(0, problem.requests - 1))
    keep = np.array([r != request or data.draw(st.booleans()) for r in problem.pair_request.tolist()], np.bool_)
    hiding = Problem(
        pair_request=problem.pair_request[keep],
        pair_bin=problem.pair_bin[keep],
        pair_rank=problem.pair_rank[keep],
        pair_late=problem.pair_late[keep],
        pair_cost=problem.pair_cost[keep],
        party=problem.party,
        order=problem.order,
        places=problem.places,
    )

    def regret(place: int) -> tuple[bool, ...]:
        if place < 0:
            return (True,)
        pair = np.flatnonzero((problem.pair_request == request) & (problem.pair_bin == place))[0]
        return False, problem.pair_late[pair], problem.pair_rank[pair], problem.pair_cost[pair]

    truthful = int(in_line_order(problem).bin_of_request[request])
    assert regret(truthful) <= regret(int(in_line_order(hiding).bin_of_request[request]))


@pytest.mark.parametrize("arrival", [[0, 0, 1], [0, 1], [0, 1, 3]])
def test_an_arrival_that_is_no_permutation_is_refused(arrival: list[int]) -> None:
    with pytest.raises(ValueError, match="arrival"):
        first_come(country(3, seed=1), np.array(arrival))
