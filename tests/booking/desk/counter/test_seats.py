from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.desk.counter.parties import Party
from booking.desk.counter.seats import find_seats
from booking.platform.models.states import Pool
from booking.scheduling.draws.files import Bin

CLOSED = date(2026, 11, 8)  # a Sunday
NINE = datetime(2026, 11, 8, 6, tzinfo=UTC)


def a_party(reference, **changes):
    fields = {
        "size": 1,
        "units": 1,
        "lost_draws": 0,
        "starts_at": NINE,
        "day": CLOSED,
        "band": "morning",
        "offices": ("here", "there"),
        "weekdays": 127,
        "bands": frozenset({"morning", "midday"}),
        "first_day": date(2026, 11, 1),
        "last_day": None,
        "needed_by": None,
        "accessible": False,
    }
    return Party(reference, **(fields | changes))


def a_bin(number, *, office="here", days=1, free=(2,), pool=Pool.DRAW, band="morning", accessible=False):
    day = CLOSED + timedelta(days=days)
    slots = tuple(range(number * 10, number * 10 + len(free)))
    return Bin(office, accessible, day, band, pool, NINE + timedelta(days=days), slots, free)


def first_slots(parties, bins):
    return {reference: seat.slots[0][0] for reference, seat in find_seats(parties, bins).items()}


def test_the_same_office_on_the_nearest_day_comes_first():
    bins = [a_bin(1, office="there", days=1), a_bin(2, days=3), a_bin(3, days=2), a_bin(4, days=-4)]
    assert first_slots([a_party("A")], bins) == {"A": 30}


def test_later_days_and_the_same_time_of_day_win_among_equally_near_ones():
    bins = [a_bin(1, days=-1), a_bin(2, days=1, band="midday"), a_bin(3, days=1)]
    assert first_slots([a_party("A")], bins) == {"A": 30}
    assert first_slots([a_party("A")], bins[:2]) == {"A": 10}


def test_another_ranked_office_is_used_only_when_the_first_has_no_place():
    bins = [a_bin(1, free=(1,)), a_bin(2, office="there"), a_bin(3, office="elsewhere", free=(9,))]
    parties = [a_party("A"), a_party("B"), a_party("C", offices=("here",))]
    assert first_slots(parties, bins) == {"A": 20, "B": 20, "C": 10}


def test_people_who_lost_more_draws_come_first():
    parties = [a_party("A"), a_party("B", lost_draws=2)]
    assert first_slots(parties, [a_bin(1, free=(1,))]) == {"B": 10}


def test_a_family_sits_together_in_touching_slots_or_not_at_all():
    family = a_party("F", size=3, units=3)
    assert find_seats([family], [a_bin(1, free=(2,)), a_bin(2, days=2, free=(1,))]) == {}
    assert find_seats([family], [a_bin(1, free=(1, 2))])["F"].slots == ((10, 1), (11, 2))


def test_the_wish_still_counts_unless_it_named_a_single_day():
    monday_only = a_party("A", weekdays=1)
    assert first_slots([monday_only], [a_bin(1, days=2), a_bin(2, days=8)]) == {"A": 20}
    over = a_party("A", last_day=CLOSED)
    assert first_slots([over], [a_bin(1)]) == {}
    instant = replace(over, first_day=CLOSED, weekdays=64, bands=frozenset({"morning"}))
    assert first_slots([instant], [a_bin(1, band="midday")]) == {"A": 10}


def test_accessible_places_go_to_people_who_need_them():
    bins = [a_bin(1, pool=Pool.ACCESSIBLE, accessible=True), a_bin(2, days=2)]
    assert first_slots([a_party("A"), a_party("B", accessible=True)], bins) == {"A": 20, "B": 10}


PARTIES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 2), st.sampled_from([("here",), ("here", "there"), ("there", "here")])),
    min_size=1,
    max_size=8,
)
BINS = st.lists(
    st.tuples(
        st.sampled_from(["here", "there"]), st.integers(1, 5), st.lists(st.integers(1, 3), min_size=1, max_size=3)
    ),
    max_size=5,
    unique_by=lambda one: one[:2],
)


@settings(max_examples=60)
@given(PARTIES, BINS, st.randoms(use_true_random=False))
def test_seats_never_oversell_or_split_a_party_in_any_order_of_input(wanted, rooms, chance):
    parties = [
        a_party(f"P{n}", size=units, units=units, lost_draws=lost, offices=offices)
        for n, (units, lost, offices) in enumerate(wanted)
    ]
    bins = [a_bin(n, office=office, days=days, free=tuple(free)) for n, (office, days, free) in enumerate(rooms)]
    seats = find_seats(parties, bins)

    free = {slot: count for each in bins for slot, count in zip(each.slots, each.free, strict=True)}
    office_of = {slot: each.office for each in bins for slot in each.slots}
    taken = Counter()
    for one in parties:
        if one.reference in seats:
            slots = seats[one.reference].slots
            assert sum(units for _, units in slots) == one.units
            assert [slot for slot, _ in slots] == list(range(slots[0][0], slots[0][0] + len(slots)))
            assert office_of[slots[0][0]] in one.offices
            taken.update(dict(slots))
    assert all(taken[slot] <= free[slot] for slot in taken)
    left = [sum(free[slot] - taken[slot] for slot in each.slots) for each in bins]
    for one in parties:
        if one.reference not in seats:
            assert not any(
                room >= one.units and each.office in one.offices for room, each in zip(left, bins, strict=True)
            )
    mixed = parties[:]
    chance.shuffle(mixed)
    assert find_seats(mixed, bins) == seats
