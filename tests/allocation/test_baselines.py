from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from allocation import Problem, Status, first_come, in_line_order, solve
from allocation.baselines import by_lot, first_come_again
from allocation.building.samples import country
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow

PAIRS = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")


def test_the_first_to_come_takes_the_best_place_for_good() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)]], [1, 1])

    assert first_come(problem, np.array([1, 0])).bin_of_request.tolist() == [-1, 0]
    assert first_come(problem, np.array([0, 1])).bin_of_request.tolist() == [0, 1]


def test_bins_are_preferred_in_time_then_by_rank_then_cost_then_number() -> None:
    late, cost = [1, 0, 0, 0, 0], [0, 9, 5, 3, 3]
    problem = small.problem([[(0, 0), (1, 2), (2, 1), (3, 1), (4, 1)]], [1] * 5, pair_late=late, pair_cost=cost)

    best = []
    places = problem.places.copy()
    while places.any():
        best.append(int(in_line_order(replace(problem, places=places)).bin_of_request[0]))
        places[best[-1]] = 0
    assert best == [3, 4, 2, 1, 0]


def test_a_party_that_no_longer_fits_is_passed_over_and_a_smaller_one_takes_the_rest() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)], [(0, 0)]], [3], party=[2, 2, 1])

    assert in_line_order(problem).bin_of_request.tolist() == [0, -1, 0]


@pytest.mark.slow
@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=8, bins=4, largest=3, places=5), st.randoms(use_true_random=False))
def test_a_baseline_is_feasible_and_never_better_than_the_draw(problem: Problem, random: st.DataObject) -> None:
    arrival = list(range(problem.requests))
    random.shuffle(arrival)  # type: ignore[attr-defined]

    plan = first_come(problem, np.array(arrival))

    assert plan.bin_of_request.tolist() in small.placements(problem)
    assert plan.objective <= solve(problem, seconds=2).objective
    assert plan.status is Status.BASELINE


@st.composite
def lists(draw: st.DrawFn, problem: Problem, request: int) -> Problem:
    """The same problem where one request hands in any other list: bins hidden, invented, ranked as it likes."""
    mine = problem.pair_request == request
    said = np.array(sorted(draw(st.sets(st.integers(0, problem.bins - 1)))), np.int64)

    def column(name: str, highest: int) -> NDArray[np.int64]:
        values = draw(st.lists(st.integers(0, highest), min_size=said.size, max_size=said.size))
        return np.append(getattr(problem, name)[~mine], values).astype(np.int64)

    return replace(
        problem,
        pair_request=np.append(problem.pair_request[~mine], np.full(said.size, request)),
        pair_bin=np.append(problem.pair_bin[~mine], said),
        pair_rank=column("pair_rank", 3),
        pair_late=column("pair_late", 1),
        pair_cost=column("pair_cost", 4),
    )


def dislike(problem: Problem, request: int, place: int) -> tuple[int, ...]:
    """How bad a bin is in the true list: served first, then in time, rank, cost, bin."""
    pairs = np.flatnonzero((problem.pair_request == request) & (problem.pair_bin == place))
    if not pairs.size:
        return (1,)
    pair = pairs[0]
    return 0, *(int(column[pair]) for column in (problem.pair_late, problem.pair_rank, problem.pair_cost)), place


@settings(max_examples=examples(100, nightly=300))
@given(small.problems(requests=6, bins=4, largest=2), st.data())
def test_in_line_order_nobody_gains_by_any_other_list(problem: Problem, data: st.DataObject) -> None:
    request = data.draw(st.integers(0, problem.requests - 1))
    lying = data.draw(lists(problem, request))

    truthful = int(in_line_order(problem).bin_of_request[request])
    gained = int(in_line_order(lying).bin_of_request[request])

    assert dislike(problem, request, truthful) <= dislike(problem, request, gained)


@settings(max_examples=examples(60, nightly=200))
@given(small.problems(requests=8, bins=4), st.data())
def test_hiding_bins_from_the_draw_gets_nobody_served_who_was_not_before(problem: Problem, data: st.DataObject) -> None:
    request = data.draw(st.integers(0, problem.requests - 1))
    keep = np.array([r != request or data.draw(st.booleans()) for r in problem.pair_request.tolist()], np.bool_)
    hiding = replace(problem, **{name: getattr(problem, name)[keep] for name in PAIRS})

    assert solve(problem).bin_of_request[request] >= 0 or solve(hiding).bin_of_request[request] < 0


def test_the_same_seed_gives_the_same_lot_and_another_seed_another() -> None:
    problem = country(300, seed=1)

    assert by_lot(problem, seed=1).digest == by_lot(problem, seed=1).digest != by_lot(problem, seed=2).digest


def test_the_first_to_look_gets_a_cancelled_place() -> None:
    problem = small.problem([[(0, 0)]] * 3, [1])
    robot = np.array([False, False, True])

    def taker(seed: int) -> int:
        plan = first_come_again(problem, np.arange(3), cancelled=1.0, robot=robot, advantage=9.0, seed=seed)
        return int(np.flatnonzero(plan.bin_of_request == 0)[0])

    takers = np.bincount([taker(seed) for seed in range(400)], minlength=3)
    assert takers[0] == 0
    assert 330 <= takers[2] <= 390  # nine in ten


def test_a_family_that_cancels_makes_room_for_several_and_none_that_does_not_fit() -> None:
    problem = small.problem([[(0, 0)]] * 4, [3], party=[3, 1, 1, 4])

    plan = first_come_again(problem, np.arange(4), cancelled=1.0, robot=np.zeros(4, np.bool_), advantage=1.0, seed=1)

    assert plan.bin_of_request.tolist() == [-1, 0, 0, -1]


@given(small.problems(requests=8, bins=3, largest=3), st.floats(0, 1), st.integers(0, 99))
def test_places_handed_back_are_never_sold_twice(problem: Problem, cancelled: float, seed: int) -> None:
    robot = np.arange(problem.requests) % 2 == 0
    again = {"cancelled": cancelled, "robot": robot, "advantage": 50.0, "seed": seed}

    plan = first_come_again(problem, problem.order, **again)  # type: ignore[arg-type]

    assert plan.bin_of_request.tolist() in small.placements(problem)
    assert plan.digest == first_come_again(problem, problem.order, **again).digest  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [({"cancelled": 1.1}, "cancelled"), ({"advantage": 0.0}, "advantage"), ({"robot": np.zeros(2, np.bool_)}, "robot")],
)
def test_impossible_cancellations_are_refused(wrong: dict[str, Any], column: str) -> None:
    right: dict[str, Any] = {"cancelled": 0.1, "robot": np.zeros(3, np.bool_), "advantage": 2.0}
    with pytest.raises(ValueError, match=column):
        first_come_again(country(3, seed=1), np.arange(3), **(right | wrong), seed=1)


@pytest.mark.parametrize("arrival", [[0, 0, 1], [0, 1], [0, 1, 3]])
def test_an_arrival_that_is_not_a_permutation_is_refused(arrival: list[int]) -> None:
    with pytest.raises(ValueError, match="arrival"):
        first_come(country(3, seed=1), np.array(arrival))
