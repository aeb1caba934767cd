import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from allocation import Problem
from allocation.building.samples import country
from allocation.components import components
from allocation.improving.draft import Draft, draft
from allocation.improving.exchange import exchange
from allocation.line import Line
from booking.scheduling.draws.decision import problem_of
from booking.scheduling.draws.files import read_frozen
from tests.allocation import small
from tests.standalone.drawn import DRAW_SEED, invented

pytestmark = pytest.mark.slow


def drafts(problem: Problem) -> list[Draft]:
    return [draft(part.line) for part in components(problem)]


def exchanged(given: Draft) -> NDArray[np.int32]:
    return exchange(given.line, given.bin_of_row, given.prices)


def after(problem: Problem, before: list[int]) -> list[int]:
    """Exchange in a problem in line order, at prices of nothing."""
    return exchange(small.line_up(problem), np.array(before, np.int32), np.zeros(problem.bins, np.int64)).tolist()


def is_feasible(line: Line, bin_of_row: NDArray[np.int32]) -> bool:
    accepted = np.zeros((line.requests, line.bins), np.bool_)
    accepted[line.row, line.bin] = True
    served = np.flatnonzero(bin_of_row >= 0)
    return bool((line.room(bin_of_row) >= 0).all() and accepted[served, bin_of_row[served]].all())


def test_a_request_that_was_left_out_takes_free_room() -> None:
    assert after(small.problem([[(0, 0)]], [3], party=[3]), [-1]) == [0]


def test_a_party_moves_over_for_one_that_accepts_a_single_bin() -> None:
    problem = small.problem([[(0, 0), (1, 0)], [(0, 0)]], [3, 3], party=[2, 3])

    assert after(problem, [0, -1]) == [1, 0]


def test_a_party_of_a_lower_tier_goes_out_for_one_of_the_top_tier() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [3], party=[2, 3], tier=[1, 0])

    assert after(problem, [-1, 0]) == [0, -1]


def test_a_request_that_goes_out_finds_another_bin() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 0)]], [3, 2], party=[3, 2], tier=[1, 0])

    assert after(problem, [-1, 0]) == [0, 1]


def test_the_lightest_set_goes_out_that_makes_room() -> None:
    problem = small.problem([[(0, 0)]] * 4, [4], party=[3, 1, 2, 1], tier=[1, 0, 0, 0])

    assert after(problem, [-1, 0, 0, 0]) == [0, 0, -1, -1]


def test_one_moves_over_to_where_a_lighter_one_goes_out() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 0)], [(1, 0)]], [3, 3], party=[3, 3, 3], tier=[2, 1, 0])

    assert after(problem, [-1, 0, 1]) == [0, 1, -1]


def test_nobody_goes_out_for_a_lighter_one() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [3], party=[2, 2])

    assert after(problem, [0, -1]) == [0, -1]


@given(small.problems(requests=9, bins=4, largest=4, places=7, tiers=3))
def test_an_exchange_is_feasible_and_never_worth_less(problem: Problem) -> None:
    for each in drafts(problem):
        found = exchanged(each)

        assert is_feasible(each.line, found)
        assert each.value <= each.line.value(found) <= each.bound


@given(small.problems(requests=9, bins=4, largest=4, places=7, tiers=3))
def test_in_the_end_nobody_outweighs_those_who_sit_in_their_cheapest_bin(problem: Problem) -> None:
    line = small.line_up(problem)
    prices = np.zeros(line.bins, np.int64)
    found = exchange(line, np.full(line.requests, -1, np.int32), prices)

    room, value = line.room(found), line.units * line.weight
    for row in np.flatnonzero(found < 0):
        for b in line.bin[line.start[row] : line.start[row + 1]]:
            frees = (found == b) & (line.units + room[b] >= line.units[row])
            assert room[b] < line.units[row]
            assert (value[frees] >= value[row]).all()


def test_the_top_tier_is_served_where_few_ask_for_each_bin() -> None:
    problem = problem_of(read_frozen(invented(2_000, seed=1, largest=4, days=30, wide=5)), DRAW_SEED)
    (before,) = drafts(problem)

    assert before.line.value(exchanged(before)) - before.value > 0.5 * (before.bound - before.value)


@pytest.mark.parametrize(
    ("problem", "cured"),
    [
        (country(2_000, seed=1, parties=1.0), 0.4),
        (country(2_000, seed=2, parties=0.6, mixed_durations=True, pools=True, tiers=3), 0.1),
    ],
    ids=["no singles", "pools and tiers"],
)
def test_much_of_a_drafts_gap_is_closed_the_same_way_each_time(problem: Problem, cured: float) -> None:
    before = drafts(problem)
    after = [exchanged(each) for each in before]

    gained = sum(each.line.value(found) - each.value for each, found in zip(before, after, strict=True))
    assert all(is_feasible(each.line, found) for each, found in zip(before, after, strict=True))
    assert gained > cured * sum(each.bound - each.value for each in before)
    assert all((exchanged(each) == found).all() for each, found in zip(before, after, strict=True))
