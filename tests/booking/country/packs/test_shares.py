from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.country.packs.schema import OpeningRule
from booking.country.packs.shares import (
    HolidaysUnknownError,
    closed_days,
    generate_slots,
    largest_remainder,
    split_places,
)

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


def _slots(pack, office, first, last=None):
    return list(generate_slots(pack, pack.office(office), first, last or first))


def test_a_working_day_in_damascus_has_a_slot_each_half_hour(syria):
    slots = _slots(syria, "damascus", date(2026, 11, 24))

    assert len(slots) == 12
    assert slots[0].starts_at == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 08:00 at UTC+3
    assert slots[-1].ends_at == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=30) for slot in slots)
    assert {slot.counters for slot in slots} == {20}
    assert [slot.band for slot in slots] == ["morning"] * 4 + ["midday"] * 4 + ["afternoon"] * 4


def test_the_weekend_is_friday_and_saturday_in_syria_and_the_hosts_abroad(syria):
    week = date(2026, 11, 22), date(2026, 11, 28)  # Sunday to Saturday

    def days(office):
        return sorted({slot.local_date.strftime("%a") for slot in _slots(syria, office, *week)})

    assert days("damascus") == days("riyadh") == sorted(["Sun", "Mon", "Tue", "Wed", "Thu"])
    assert days("berlin") == days("dubai") == sorted(["Mon", "Tue", "Wed", "Thu", "Fri"])


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (date(2027, 3, 26), 8),  # Friday before summer time, UTC+1
        (date(2027, 3, 29), 7),  # Monday after the clocks went forward on 28 March, UTC+2
        (date(2027, 10, 29), 7),  # Friday before they go back on 31 October
        (date(2027, 11, 1), 8),
    ],
)
def test_berlin_opens_at_nine_local_time_before_and_after_the_clocks_change(syria, day, utc_hour):
    first = _slots(syria, "berlin", day)[0]

    assert first.starts_at == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert first.starts_at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(9)


def test_every_office_keeps_its_local_hours_for_a_whole_year(syria):
    for office in syria.offices:
        zone = ZoneInfo(office.time_zone)
        opens, closes = office.opening[0].opens, office.opening[0].closes
        for slot in generate_slots(syria, office, date(2027, 1, 1), date(2027, 12, 31)):
            local_start, local_end = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
            assert opens <= local_start.time() < local_end.time() <= closes
            assert local_start.date() == slot.local_date


def test_nobody_works_on_a_syrian_holiday_anywhere(syria):
    eid = date(2027, 5, 16), date(2027, 5, 19)

    assert all(not _slots(syria, office.code, *eid) for office in syria.offices)
    assert _slots(syria, "damascus", date(2027, 5, 20))


def test_a_holiday_of_the_host_closes_only_the_offices_there(syria):
    unity_day = date(2028, 10, 3)  # a Tuesday

    assert not _slots(syria, "berlin", unity_day)
    assert _slots(syria, "vienna", unity_day)
    assert closed_days(syria, syria.office("bonn"))[unity_day].code == "host-de"


def test_a_slot_that_the_clock_skips_does_not_exist(syria):
    rule = OpeningRule(weekdays=("thu", "fri"), opens=time(0), closes=time(2))
    bands = (syria.country.bands[0].model_copy(update={"starts": time(0)}),)
    country = syria.country.model_copy(update={"bands": bands})
    night = syria.model_copy(update={"country": country})
    cairo = syria.office("cairo").model_copy(update={"opening": (rule,)})

    slots = list(generate_slots(night, cairo, date(2027, 4, 29), date(2027, 4, 30)))  # forward at 0:00 on the 30th

    local = [slot.starts_at.astimezone(ZoneInfo("Africa/Cairo")) for slot in slots]
    assert [f"{at:%d %H:%M}" for at in local[:4]] == ["29 00:00", "29 00:30", "29 01:00", "29 01:30"]
    assert [f"{at:%d %H:%M}" for at in local[4:]] == ["30 01:00", "30 01:30"]


def test_two_sessions_a_day_come_in_order(syria):
    afternoon = OpeningRule(weekdays=("tue",), opens=time(13), closes=time(14))
    morning = OpeningRule(weekdays=("tue",), opens=time(8), closes=time(9))
    office = syria.office("damascus").model_copy(update={"opening": (afternoon, morning)})

    slots = list(generate_slots(syria, office, date(2026, 11, 24), date(2026, 11, 24)))

    assert [slot.starts_at.hour for slot in slots] == [5, 5, 10, 10]


def test_days_without_known_holidays_are_refused(syria):
    with pytest.raises(HolidaysUnknownError, match="2031"):
        _slots(syria, "damascus", date(2030, 12, 30), date(2031, 1, 3))


def test_an_empty_range_has_no_slots(syria):
    assert _slots(syria, "damascus", date(2026, 11, 25), date(2026, 11, 24)) == []
