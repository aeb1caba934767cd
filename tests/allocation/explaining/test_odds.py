"""How likely a place would have been for one more asker: compared with drawing again, with them in the line."""

import numpy as np
import pytest

from allocation import Problem, in_line_order, solve
from allocation.explaining.odds import odds


def a_line(wishes, places, *, tiers=None, units=None):
    """A line of requests in their order, each with the bins that it accepts, best first."""
    pairs = [(row, one, rank) for row, bins in enumerate(wishes) for rank, one in enumerate(bins)]
    request, bins, rank = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    return Problem(
        pair_request=request,
        pair_bin=bins,
        pair_rank=rank,
        party=np.ones(len(wishes), np.int8),
        order=np.arange(len(wishes), dtype=np.int32),
        places=np.array(places, np.int32),
        units=np.array(units or [1] * len(wishes), np.int16),
        tier=np.array(tiers or [0] * len(wishes), np.int16),
    )


def test_odds_are_the_turns_before_the_last_room_was_taken():
    problem = a_line([[0], [0], [0], [0], [1]], [2, 9, 0])

    assert odds(problem, in_line_order(problem), units=1).tolist() == [2 / 6, 1, 0]


def test_room_that_is_gone_before_the_newcomers_is_for_none_of_them():
    problem = a_line([[0], [0], [0]], [1], tiers=[1, 0, 0])

    assert odds(problem, in_line_order(problem), units=1).tolist() == [0]


def test_room_for_one_unit_is_none_for_two():
    problem = a_line([[0], [0]], [5], units=[2, 2])

    assert odds(problem, in_line_order(problem), units=1).tolist() == [1]
    assert odds(problem, in_line_order(problem), units=2).tolist() == [2 / 3]


def test_where_nobody_asked_every_place_was_free():
    empty = Problem(*(np.empty(0, np.int32) for _ in range(5)), places=np.array([1, 0], np.int32))

    assert odds(empty, in_line_order(empty), units=1).tolist() == [1, 0]


@pytest.mark.parametrize("draw", [in_line_order, solve])
def test_one_more_asker_is_served_as_often_as_the_odds_say(draw):
    rng = np.random.default_rng(5)
    wishes = [rng.permutation(3)[: rng.integers(1, 4)].tolist() for _ in range(24)]
    places = [6, 9, 4]
    found = odds(problem := a_line(wishes, places), draw(problem), units=1)

    for one in range(3):
        served = 0
        for at in range(len(wishes) + 1):
            more = a_line([*wishes[:at], [one], *wishes[at:]], places)
            served += draw(more).bin_of_request[at] == one
        assert found[one] == served / (len(wishes) + 1)
