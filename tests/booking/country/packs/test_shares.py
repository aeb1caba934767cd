from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.country.packs.shares import largest_remainder, split_places

SHARES = {
    "draw": Decimal("0.70"),
    "instant": Decimal("0.10"),
    "urgent": Decimal("0.08"),
    "accessible": Decimal("0.04"),
    "walk_in": Decimal("0.08"),
}


@st.composite
def shares(draw):
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=0, max_size=5)))
    edges = [0, *cuts, 1000]
    return {f"pool{i}": Decimal(b - a) / 1000 for i, (a, b) in enumerate(pairwise(edges))}


UNITS = st.lists(st.integers(0, 60), max_size=16)


def test_the_largest_fractions_get_the_places_left_over():
    thirds = {"a": Decimal("0.41"), "b": Decimal("0.33"), "c": Decimal("0.26")}

    assert largest_remainder(thirds, 10) == {"a": 4, "b": 3, "c": 3}  # 4.1, 3.3, 2.6


def test_equal_fractions_go_to_the_pool_listed_first():
    halves = {"a": Decimal("0.5"), "b": Decimal("0.5")}

    assert largest_remainder(halves, 3) == {"a": 2, "b": 1}


@given(shares(), st.integers(0, 5000))
def test_each_pool_of_a_day_is_within_one_place_of_its_exact_share(split, total):
    places = largest_remainder(split, total)

    assert sum(places.values()) == total
    assert list(places) == list(split)
    for pool, count in places.items():
        assert count >= 0
        assert abs(count - Fraction(split[pool]) * total) < 1


@given(shares(), UNITS, st.integers(1, 3))
def test_slots_and_days_add_up_for_any_shares(split, units, block):
    places = split_places(split, units, block=block)

    assert [sum(slot.values()) for slot in places] == units
    totals = {pool: sum(slot[pool] for slot in places) for pool in split}
    assert totals == largest_remainder(split, sum(units))
    assert all(count >= 0 for slot in places for count in slot.values())


@given(shares(), st.integers(1, 16), st.integers(1, 40))
def test_a_pool_is_spread_evenly_over_the_slots_of_a_day(split, slots, units):
    places = split_places(split, [units] * slots)

    day = largest_remainder(split, units * slots)
    for pool, total in day.items():
        so_far = 0
        for number, slot in enumerate(places, 1):
            so_far += slot[pool]
            assert abs(so_far - Fraction(total * number, slots)) <= 2


@given(shares(), st.integers(1, 16), st.integers(1, 20))
def test_blocks_leave_a_pool_at_most_one_odd_unit_a_day(split, slots, counters):
    places = split_places(split, [counters * 2] * slots, block=2)

    for pool in split:
        pairs = sum(slot[pool] // 2 for slot in places)
        total = sum(slot[pool] for slot in places)
        assert pairs * 2 >= total - 1 - (len(split) - 1)


def test_a_small_office_still_has_room_for_a_long_service_in_each_pool():
    day = split_places(SHARES, [4] * 12, block=2)  # two counters

    totals = {pool: sum(slot[pool] for slot in day) for pool in SHARES}
    assert totals == {"draw": 33, "instant": 5, "urgent": 4, "accessible": 2, "walk_in": 4}
    for pool in SHARES:
        assert max(slot[pool] for slot in day) >= 2


def test_without_blocks_the_same_small_pools_are_single_units():
    day = split_places(SHARES, [4] * 12)

    assert max(slot["urgent"] for slot in day) == 1


def test_a_day_without_slots_has_no_places():
    assert split_places(SHARES, []) == []


@pytest.mark.parametrize(
    ("split", "total"),
    [({"a": Decimal("0.5")}, 10), ({"a": Decimal("1.5"), "b": Decimal("-0.5")}, 10), ({"a": Decimal(1)}, -1)],
)
def test_shares_that_do_not_add_up_to_one_are_refused(split, total):
    with pytest.raises(ValueError, match="add to 1"):
        largest_remainder(split, total)
