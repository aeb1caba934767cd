"""Chains and cycles of a night's moves: each fits by itself, and all of them together are all moves."""

import random
from collections import Counter
from uuid import UUID

import pytest

from booking.platform.models.states import Pool
from booking.scheduling.swaps.carry_out import chains, slices
from booking.scheduling.swaps.moves import Move


def move(number, leaves, takes):
    """Somebody goes from one slot to another; who has a lower number is ahead in line."""
    places = ({(slot, Pool.DRAW): 1} for slot in (leaves, takes))
    return Move((1, number), UUID(int=number), *places, number)


def numbers(found):
    return [[one.position for one in chain] for chain in found]


def test_who_goes_to_the_place_of_another_is_in_one_chain_with_them():
    moves = [move(5, 1, 2), move(3, 2, 3), move(4, 7, 8), move(2, 8, 7), move(9, 1, 4)]
    assert numbers(chains(moves)) == [[4, 2], [5, 3], [9]]


def test_whoever_is_ahead_in_line_is_given_a_free_place_first():
    assert numbers(chains([move(8, 1, 3), move(2, 2, 3), move(5, 4, 3)])) == [[2], [5], [8]]


def test_a_long_way_is_cut_where_it_comes_back_to_a_place():
    """Twice round two slots and once on to a third: two cycles and a chain, not one chain of five."""
    moves = [move(0, 1, 2), move(1, 2, 1), move(2, 1, 2), move(3, 2, 1), move(4, 1, 3)]
    assert sorted(map(len, chains(moves))) == [1, 2, 2]


@pytest.mark.parametrize("seed", range(12))
def test_chains_of_any_moves_fit_whichever_was_made_before(seed):
    """As many places are free as more people take than leave: none is there for a chain that is cut wrongly."""
    chance = random.Random(seed)  # noqa: S311
    moves = [move(number, *chance.sample(range(6), 2)) for number in range(chance.randrange(1, 16))]
    free = Counter({place: max(change, 0) for place, change in changes(moves).items()})
    found = chains(moves)
    assert sorted(one.key for chain in found for one in chain) == sorted(one.key for one in moves)
    chance.shuffle(found)
    for chain in found:
        assert len({slot for one in chain for slot in one.leaves}) == len(chain)
        wanted = changes(chain)
        assert all(change <= free[place] for place, change in wanted.items())
        free.subtract(wanted)


def changes(moves):
    """How many more go to each place than leave it."""
    found = Counter(place for one in moves for place in one.takes)
    found.subtract(place for one in moves for place in one.leaves)
    return found


def test_a_slice_has_whole_chains_and_a_long_one_alone():
    found = [["a"] * 2, ["b"] * 3, ["c"] * 9, ["d"]]
    assert [[len(chain) for chain in part] for part in slices(found, 5)] == [[2, 3], [9], [1]]
