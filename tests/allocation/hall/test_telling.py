"""What is told of a wait: the narrowest range of whole steps that holds, against trying all ranges."""

import numpy as np
import pytest

from allocation.hall.waiting import HOLDS, STEP, narrowest


def by_trying(plays):
    starts = STEP * np.arange(99)
    for wide in STEP * np.arange(1, 200):
        # who is called at the very start of a step is within the one before
        held = [sum(one <= start + wide and (start < one or start == one == 0) for one in plays) for start in starts]
        if max(held) >= HOLDS * len(plays):
            start = starts[np.argmax(held)]
            return start, start + wide
    return None


def told(plays):
    low, high = narrowest(np.array(plays, float)[:, None])
    return low[0], high[0]


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_range_that_trying_all_finds(seed):
    plays = np.random.default_rng(seed).gamma(1 + seed % 4, 8.0, size=50).round()
    assert told(plays) == by_trying(plays.tolist())


def test_four_of_five_plays_are_enough_and_the_far_ones_do_not_widen_it():
    assert told([12, 13, 14, 15, 90]) == (10, 15)
    assert told([12, 13, 14, 90, 90]) == (10, 90)


def test_who_is_called_at_once_waits_for_one_step_at_most():
    assert told([0, 0, 0]) == (0, 5)
    assert told([5, 5, 5]) == (0, 5)


def test_each_party_has_its_own_range():
    low, high = narrowest(np.array([[3.0, 31.0], [4.0, 44.0]]))
    assert (low.tolist(), high.tolist()) == ([0, 30], [5, 45])
