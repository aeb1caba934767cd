"""The parts of the check against slow and simple answers."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import Mechanism, Problem, in_line_order, verify
from allocation.checking import proof, reach
from allocation.checking.proof import exact_sum, line_weights, price_bound, usable_places
from allocation.checking.reach import NOBODY, ROOM, first_missed, last_displaced
from allocation.serving import whole
from allocation.weights import weights
from tests.allocation import small

pytestmark = pytest.mark.slow


@st.composite
def placed(draw: st.DrawFn, *, largest: int = 1, tiers: int = 1) -> tuple[Problem, list[int]]:
    """A problem and any feasible placement: each in turn, in any order, takes any bin with room or none."""
    problem = draw(small.problems(requests=8, bins=4, largest=largest, places=4, tiers=tiers))
    choice, room = [-1] * problem.requests, problem.places.tolist()
    for request in draw(st.permutations(range(problem.requests))):
        units = int(problem.units[request])
        open_ = [place for place in asked(problem, request) if room[place] >= units]
        if open_ and draw(st.booleans()):
            choice[request] = draw(st.sampled_from(open_))
            room[choice[request]] -= units
    return problem, choice


def asked(problem: Problem, request: int) -> list[int]:
    return problem.pair_bin[problem.pair_request == request].tolist()


def room_of(problem: Problem, choice: list[int]) -> list[int]:
    return [
        int(places) - sum(int(problem.units[i]) for i, place in enumerate(choice) if place == number)
        for number, places in enumerate(problem.places)
    ]


@pytest.fixture(params=[1, 5, 1 << 18], ids=["tiny blocks", "small blocks", "one block"])
def _any_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "PAIRS", request.param)


@settings(max_examples=50)
@given(placed(largest=2), st.booleans())
def test_the_request_put_out_is_the_one_at_the_end_of_a_chain(
    case: tuple[Problem, list[int]],
    sorting: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    problem, choice = case
    room = room_of(problem, choice)

    def ends(place: int, seen: frozenset[int]) -> int:
        sitting = [i for i, at in enumerate(choice) if at == place and problem.units[i] == 1]
        onward = [
            ends(other, seen | {place}) for i in sitting for other in asked(problem, i) if other not in seen | {place}
        ]
        return max([ROOM if room[place] else NOBODY, *(int(problem.order[i]) for i in sitting), *onward])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "TABLE", 0 if sorting else 1 << 28)
        patch.setattr(proof, "PAIRS", 3)
        found = last_displaced(problem, np.array(choice, np.int32))

    assert found.tolist() == [ends(place, frozenset()) for place in range(problem.bins)]


def test_a_chain_through_thousands_of_bins_is_followed_to_its_end() -> None:
    bins = 5_000
    problem = small.problem([[(b, 0), (b + 1, 1)] for b in range(bins - 1)], [1] * bins)

    end = last_displaced(problem, np.arange(bins - 1, dtype=np.int32))

    assert (end == ROOM).all()


@settings(deadline=None)  # the first example may wait for a compiler
@given(placed(largest=3))
def test_a_plan_passes_exactly_where_it_is_what_the_turns_give(
    case: tuple[Problem, list[int]],
) -> None:
    problem, choice = case
    chosen = np.array(choice, np.int32)

    missed = first_missed(problem, chosen)

    expected = in_line_order(problem).bin_of_request
    assert (missed is None) == (chosen.tolist() == expected.tolist())
    if missed is not None:
        line = np.argsort(problem.order)
        assert missed.request == line[np.argmax((chosen != expected)[line])]
        assert missed.bin == expected[missed.request]


@pytest.mark.usefixtures("_any_blocks")
def test_blocks_cover_each_request_and_each_pair_once_and_in_order() -> None:
    problem = small.problem([[], [(0, 0), (1, 1)], [], [(1, 0)], [(0, 0), (1, 0), (2, 0)], []], [1, 1, 1])

    parts = list(proof.blocks(problem))

    assert [row for part in parts for row in range(problem.requests)[part.rows]] == list(range(6))
    assert [pair for part in parts for pair in range(problem.pairs)[part.pairs]] == list(range(6))
    assert np.concatenate([part.spread(problem.order) for part in parts]).tolist() == problem.pair_request.tolist()
    cheapest = [part.reduce(np.minimum, problem.pair_bin[part.pairs], 9) for part in parts]
    assert np.concatenate(cheapest).tolist() == [9, 0, 9, 1, 0, 9]


def test_a_problem_without_requests_bins_or_pairs_has_no_blocks() -> None:
    for problem in (small.problem([], []), small.problem([], [2]), small.problem([[], []], [])):
        assert price_bound(problem, np.zeros(problem.bins, np.int64)) == 0
        assert verify(problem, in_line_order(problem)).ok


@given(small.problems(requests=8, bins=3, largest=5, places=9))
def test_usable_places_are_the_largest_sum_of_whole_requests(problem: Problem) -> None:
    def best(place: int) -> int:
        sizes = problem.units[problem.pair_request[problem.pair_bin == place]].tolist()
        sums = {sum(some) for count in range(len(sizes) + 1) for some in combinations(sizes, count)}
        return max(total for total in sums if total <= problem.places[place])

    assert usable_places(problem).tolist() == [best(place) for place in range(problem.bins)]


def test_a_huge_bin_is_held_only_to_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small.problem([[(0, 0), (1, 0)]] * 4, [5, 99], party=[2] * 4)

    assert usable_places(problem).tolist() == [4, 8]
    monkeypatch.setattr(proof, "TIGHTENED_PLACES", 4)
    assert usable_places(problem).tolist() == [5, 8]


@given(small.problems(requests=5, bins=3, largest=3, places=5, tiers=2), st.data())
def test_no_prices_prove_less_than_the_best_plan_is_worth(problem: Problem, data: st.DataObject) -> None:
    weight = line_weights(problem)
    top = int(weight.max(initial=0))
    prices = data.draw(st.lists(st.integers(0, top), min_size=problem.bins, max_size=problem.bins))

    best = max(
        sum(int(problem.units[i] * weight[i]) for i, place in enumerate(choice) if place >= 0)
        for choice in small.placements(problem)
    )

    assert price_bound(problem, np.array(prices, np.int64)) >= best


@given(small.problems(requests=8, largest=6, tiers=4), st.data())
def test_the_check_weighs_as_the_solver_does(problem: Problem, data: st.DataObject) -> None:
    some = st.lists(st.integers(1000, 32767), min_size=problem.requests, max_size=problem.requests)
    problem = replace(problem, compensation=np.array(data.draw(some)))

    assert line_weights(problem).tolist() == weights(problem).tolist()


@pytest.mark.parametrize(("tiers", "units"), [(200, 2), (40, 127), (16, 2_000), (3, 32_767)])
def test_the_check_weighs_as_the_solver_does_where_tiers_hardly_fit(tiers: int, units: int) -> None:
    tier = list(range(tiers))[::-1]
    tall = small.problem([[(0, 0)]] * tiers, [9], units=[units] + [1] * (tiers - 1), tier=tier)

    assert line_weights(tall).tolist() == weights(tall).tolist()
    assert line_weights(tall).max() <= 1 << 38


@settings(deadline=None)
@given(small.problems(requests=9, bins=3, largest=5, places=9, tiers=2), st.data())
def test_the_check_bounds_as_the_solver_does(problem: Problem, data: st.DataObject) -> None:
    some = st.lists(st.integers(0, 30), min_size=problem.bins, max_size=problem.bins)
    prices = np.array(data.draw(some), np.int64)

    assert price_bound(problem, prices) == whole.price_bound(small.line_up(problem), prices)


def test_sums_beyond_64_bits_are_exact() -> None:
    assert exact_sum(np.array([(1 << 62) + 3] * 5, np.int64)) == 5 * ((1 << 62) + 3)
    assert exact_sum(np.empty(0, np.int64)) == 0


def test_the_mechanisms_differ_in_what_is_fair() -> None:
    # in turn, request 0 keeps bin 0 although request 1 could be served if it moved
    problem = small.problem([[(0, 0), (1, 1)], [(0, 0)]], [1, 1])
    plan = in_line_order(problem)

    assert plan.bin_of_request.tolist() == [0, -1]
    assert verify(problem, plan).ok
    assert "can make room" in verify(problem, replace(plan, mechanism=Mechanism.EXCHANGE)).words()
