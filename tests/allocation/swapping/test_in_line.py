"""What the exchange promises, on every small night that chance makes, against the definitions."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.swapping.in_line import exchange_in_line
from allocation.swapping.night import Night, ranks
from allocation.swapping.rounds import exchange_in_rounds
from tests.allocation.swapping.nights import (
    fits,
    keeps_promises,
    nights,
    outcomes,
    passed_over,
    possible_wishes,
    rank_of,
    with_wishes,
)
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def given_out(night: Night) -> list[int]:
    return exchange_in_line(night).tolist()


@given(nights(most_holders=8))
@settings(max_examples=examples(150, nightly=5000), deadline=None)
def test_nobody_loses_and_nobody_ahead_in_line_is_passed_over(night: Night) -> None:
    assert keeps_promises(night, given_out(night))


@given(nights())
@settings(max_examples=examples(40, nightly=1000), deadline=None)
def test_no_outcome_that_keeps_the_promises_is_better_for_anybody(night: Night) -> None:
    gets = given_out(night)
    for other in outcomes(night):
        if keeps_promises(night, other):
            assert all(
                rank_of(night, one, gets[one]) <= rank_of(night, one, other[one]) for one in range(night.holders)
            ), (gets, other)


@given(nights())
@settings(max_examples=examples(25, nightly=1500), deadline=None)
def test_no_false_wish_gets_anybody_a_place_that_they_like_better(night: Night) -> None:
    honest = given_out(night)
    for one in range(night.holders):
        for stated in possible_wishes(night.kinds, int(night.holds[one])):
            lied = given_out(with_wishes(night, {one: stated}))
            assert rank_of(night, one, honest[one]) <= rank_of(night, one, lied[one])


@given(nights(most_holders=4, most_kinds=3))
@settings(max_examples=examples(6, nightly=400), deadline=None)
def test_two_who_agree_on_it_cannot_pass_anybody_by(night: Night) -> None:
    """Whatever two of them state: a place goes past nobody else who asked for it and stands before them."""
    for pair in product(range(night.holders), repeat=2):
        wishes = [possible_wishes(night.kinds, int(night.holds[one])) for one in pair]
        for stated in product(*wishes):
            agreed = with_wishes(night, dict(zip(pair, stated, strict=True)))
            assert not [first for first, _ in passed_over(agreed, given_out(agreed)) if first not in pair]


@given(nights(most_holders=8))
@settings(max_examples=examples(150, nightly=5000), deadline=None)
def test_a_check_by_other_code_finds_the_same(night: Night) -> None:
    assert exchange_in_rounds(night) == given_out(night)


@given(nights(most_holders=6), st.randoms(use_true_random=False))
@settings(max_examples=examples(60, nightly=1000), deadline=None)
def test_the_outcome_does_not_depend_on_the_order_of_rows(night: Night, chance: Random) -> None:
    rows = list(range(night.holders))
    chance.shuffle(rows)
    shuffled = Night.of(
        night.holds[rows].tolist(),
        night.order[rows].tolist(),
        [night.wishes_of(row) for row in rows],
        night.free.tolist(),
        night.circle.tolist(),
    )
    assert given_out(shuffled) == [given_out(night)[row] for row in rows]


@given(nights(most_holders=6), st.integers(1, 3))
@settings(max_examples=examples(60, nightly=1000), deadline=None)
def test_further_names_of_one_person_pass_nobody_by(night: Night, names: int) -> None:
    """A person behind all others who splits into several holders gets nothing that somebody ahead asked for."""
    alone = given_out(night)
    holds = [*night.holds.tolist(), *[int(night.holds[0])] * names]
    wishes = [night.wishes_of(one) for one in range(night.holders)] + [night.wishes_of(0)] * names
    order = [*night.order.tolist(), *range(night.holders, night.holders + names)]
    split = Night.of(holds, order, wishes, night.free.tolist(), night.circle.tolist())
    gets = given_out(split)
    assert fits(split, gets)
    assert not passed_over(split, gets)
    assert len(gets) == len(alone) + names  # a place each, as before: no name brings a place


def test_a_place_left_goes_to_the_first_in_line_and_not_to_a_friend() -> None:
    """Holder 0 would swap with 1, as agreed; but 2, who is ahead of 1, asked for the place of 0 too."""
    night = Night.of([0, 1, 2], [0, 2, 1], [[1], [0], [0]], [0, 0, 0])
    assert given_out(night) == [0, 1, 2]
    alone = with_wishes(night, {2: []})
    assert given_out(alone) == [1, 0, 2]


def test_a_chain_from_a_free_place_moves_everybody_in_it() -> None:
    night = Night.of([0, 1, 2], [2, 1, 0], [[1], [2], [3]], [0, 0, 0, 1])
    assert given_out(night) == [1, 2, 3]


def test_places_of_a_circle_go_first_to_those_who_leave_one_there() -> None:
    """Kinds 0 and 1 are one office, for which people wait; holder 1 comes from elsewhere and stands ahead."""
    night = Night.of([0, 2], [1, 0], [[1], [1]], [0, 1, 0], [0, 0, 1])
    assert given_out(night) == [1, 2]


def test_a_free_place_that_no_draw_can_give_is_for_anybody() -> None:
    night = Night.of([0, 2], [1, 0], [[1], [1]], [0, 1, 0], [0, -1, 1])
    assert given_out(night) == [0, 1]


def test_ranks_tell_who_got_which_wish() -> None:
    night = Night.of([0, 1, 1], [0, 1, 2], [[2, 1], [2], []], [0, 0, 1])
    assert ranks(night, exchange_in_line(night)).tolist() == [0, -1, -1]
    with pytest.raises(ValueError, match="neither have nor wish"):
        ranks(night, np.array([0, 0, 1], np.int32))


@pytest.mark.parametrize(
    ("holds", "order", "wishes", "free", "says"),
    [
        ([0], [1], [[]], [0], "order"),
        ([0], [0], [[0]], [0], "the kind that they have"),
        ([0], [0], [[1, 1]], [0, 0], "twice"),
        ([0], [0], [[2]], [0, 0], "not there"),
        ([0], [0], [[1]], [0, -1], "free"),
        ([0], [0], [], [0], "wishes"),
    ],
)
def test_what_is_no_night_is_refused(
    holds: list[int], order: list[int], wishes: list[list[int]], free: list[int], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Night.of(holds, order, wishes, free)


def test_a_night_without_holders_has_an_outcome() -> None:
    assert given_out(Night.of([], [], [], [3])) == []
