"""Top trading cycles, to which the exchange is compared: what they give, and what two who agree on it can do."""

import numpy as np
from hypothesis import given, settings

from allocation.swapping.cycles import exchange_in_cycles
from allocation.swapping.night import Night
from tests.allocation.swapping.nights import (
    fits,
    nights,
    outcomes,
    passed_over,
    possible_wishes,
    rank_of,
    with_wishes,
)
from tests.support.effort import examples


def given_out(night: Night) -> list[int]:
    return exchange_in_cycles(night).tolist()


@given(nights(most_holders=8))
@settings(max_examples=examples(100, nightly=4000), deadline=None)
def test_nobody_loses_in_cycles(night: Night) -> None:
    assert fits(night, given_out(night))


@given(nights())
@settings(max_examples=examples(40, nightly=1500), deadline=None)
def test_no_false_wish_pays_in_cycles(night: Night) -> None:
    honest = given_out(night)
    for one in range(night.holders):
        for stated in possible_wishes(night.kinds, int(night.holds[one])):
            lied = given_out(with_wishes(night, {one: stated}))
            assert rank_of(night, one, honest[one]) <= rank_of(night, one, lied[one])


@given(nights())
@settings(max_examples=examples(40, nightly=800), deadline=None)
def test_no_other_outcome_is_better_for_one_and_worse_for_nobody(night: Night) -> None:
    """Where nobody waits for free places, cycles leave nothing to be gained."""
    night = Night.of(
        night.holds.tolist(),
        night.order.tolist(),
        [night.wishes_of(one) for one in range(night.holders)],
        night.free.tolist(),
    )
    mine = [rank_of(night, one, kind) for one, kind in enumerate(given_out(night))]
    for other in outcomes(night):
        if fits(night, other):
            theirs = [rank_of(night, one, kind) for one, kind in enumerate(other)]
            assert theirs == mine or any(np.array(theirs) > mine)


def test_two_who_agree_on_it_pass_by_whoever_stands_ahead() -> None:
    """Why the exchange does not run by cycles: holder 1 has the place of 0 before 2, who is ahead, for money."""
    night = Night.of([0, 1, 2], [0, 2, 1], [[1], [0], [0]], [0, 0, 0])
    assert given_out(night) == [1, 0, 2]
    assert passed_over(night, given_out(night)) == [(2, 1)]
