"""An office-day is split again, and nobody loses a place that they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.platform.models.states import Pool
from booking.scheduling.quotas.resplit import Stranded, laid_out, stranded

counts = st.fixed_dictionaries({pool: st.integers(0, 6) for pool in Pool})


@st.composite
def days(draw):
    """Slots with the places that a policy wishes, and what is taken: any part of as many places, in any pool."""
    wished = draw(st.lists(counts, min_size=1, max_size=6))
    taken = []
    for slot in wished:
        left, has = sum(slot.values()), {}
        for pool in Pool:
            has[pool] = draw(st.integers(0, left))
            left -= has[pool]
        taken.append(has)
    return wished, taken


@given(days())
def test_every_slot_keeps_its_places_and_nobody_loses_theirs(day):
    wished, taken = day

    places = laid_out(wished, taken)

    for before, has, after in zip(wished, taken, places, strict=True):
        assert sum(after.values()) == sum(before.values())
        assert all(after[pool] >= has[pool] for pool in Pool)


@given(days())
def test_each_pool_gets_its_share_or_just_what_is_taken(day):
    wished, taken = day
    lost = {one.pool: one.taken for one in stranded(wished, taken)}

    places = laid_out(wished, taken)

    for pool in Pool:
        total = sum(slot[pool] for slot in places)
        if not lost:
            assert total == sum(slot[pool] for slot in wished)
        elif pool in lost:
            assert total == lost[pool]


@given(days())
def test_an_empty_day_is_laid_out_as_the_policy_says(day):
    wished, taken = day

    assert laid_out(wished, [{} for _ in taken]) == wished


def test_a_place_may_move_to_another_slot_of_the_day():
    wished = [{Pool.DRAW: 4}, {Pool.INSTANT: 4}]
    taken = [{Pool.INSTANT: 2}, {}]

    assert stranded(wished, taken) == []
    assert [slot[Pool.INSTANT] for slot in laid_out(wished, taken)] == [2, 2]


def test_stranded_places_are_named_for_the_day():
    assert stranded([{Pool.DRAW: 8}], [{Pool.URGENT: 2}]) == [Stranded(Pool.URGENT, taken=2, places=0)]


def test_more_than_the_slot_has_cannot_be_taken():
    with pytest.raises(ValueError, match="more places are taken"):
        laid_out([{Pool.DRAW: 1}], [{Pool.DRAW: 2}])
