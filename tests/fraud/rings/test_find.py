"""Rings among bookings: who is found, who is left alone, and that nothing else moves them."""

import random
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.rings import Role, find_rings
from fraud.rings.shared import HUB_FROM
from tests.fraud.rings.places import DAY, a_shop, an_office, asks, bookings

pytestmark = pytest.mark.slow


def roles(found):
    return dict(zip(found.members["account"], found.members["role"], strict=True))


def test_a_brokers_office_is_a_ring_with_its_evidence():
    found = find_rings(bookings(an_office()))

    [ring] = found.rings.to_dict("records")
    assert (ring["accounts"], ring["organisers"], ring["tools"], ring["clients"]) == (9, 9, 0, 0)
    assert (ring["people"], ring["bookings"], ring["identifiers"]) == (72, 73, 5)
    assert ring["probability"] > 0.95
    assert ring["pooled"] > 0 < ring["load"]
    assert (ring["pooled_figure"], ring["alone_figure"], ring["seconds_figure"]) == (1, 1, pytest.approx(45))
    assert set(found.links["kind"]) == {"device", "phone"}
    assert found.links["bookings"].sum() == 2 * 73


def test_two_offices_are_two_rings():
    found = find_rings(bookings(an_office("a") + an_office("b", accounts=20)))

    groups = (
        found.members["account"].str[0].groupby(found.members["ring"]).agg(lambda names: "".join(sorted(set(names))))
    )
    assert sorted(groups) == ["a", "b"]


def test_a_shop_that_helps_neighbours_is_not_a_ring():
    assert find_rings(bookings(a_shop(customers=40))).rings.empty


def test_a_shop_that_a_brokers_tool_visits_once_is_not_drawn_into_the_ring():
    visit = asks("o0", "s computer", "o phone 0", at=40 * 3_600.0)

    found = find_rings(bookings(an_office() + a_shop() + visit))

    assert set(found.members["account"]) == {f"o{n}" for n in range(9)}


def test_a_broker_who_brings_clients_in_their_own_accounts_marks_none_of_them():
    clients = [
        row for n in range(12) for row in asks(f"client {n}", "o device 0", f"own {n}", party=1 + n % 4, seconds=45)
    ]

    found = roles(find_rings(bookings(an_office() + clients)))

    assert {found[f"client {n}"] for n in range(12) if f"client {n}" in found} <= {Role.CLIENT}
    assert {found[f"o{n}"] for n in range(9)} == {Role.ORGANISER}


def test_a_couple_with_two_accounts_on_one_phone_are_clients_of_the_broker():
    couple = asks("wife", "o device 0", "their phone", people=3, seconds=45)
    couple += asks("husband", "o device 0", "their phone", people=3, at=900, seconds=45)

    found = roles(find_rings(bookings(an_office() + couple)))

    assert (found["wife"], found["husband"]) == (Role.CLIENT, Role.CLIENT)


@pytest.mark.parametrize("people", [7, 9, 12])
def test_a_large_family_that_asks_within_a_week_is_a_client_of_the_broker(people):
    family = asks("mother", "o device 0", "their phone", people=people, seconds=45)
    family[-1] = (*family[-1][:3], 6 * DAY, *family[-1][4:])

    found = roles(find_rings(bookings(an_office() + family)))

    assert found["mother"] == Role.CLIENT


@pytest.mark.parametrize(("phone", "weeks"), [("o phone 0", 0), ("a phone of its own", 1)])
def test_an_account_for_many_is_the_brokers_on_a_pooled_phone_or_for_weeks(phone, weeks):
    hand = [row for n in range(9) for row in asks("hand", "o device 0", phone, at=n * weeks * 7 * DAY, seconds=45)]
    hand = [(*row[:4], f"stranger {n}", *row[5:]) for n, row in enumerate(hand)]

    assert roles(find_rings(bookings(an_office() + hand)))["hand"] == Role.ORGANISER


def test_a_phone_for_seven_people_is_no_familys():
    tools = [row for n in range(7) for row in asks(f"tool {n}", "o device 0", "drawer", at=n * 600, seconds=45)]

    found = roles(find_rings(bookings(an_office() + tools)))

    assert {found[f"tool {n}"] for n in range(7)} == {Role.TOOL}


def test_a_ring_that_works_from_a_cafe_marks_none_of_its_guests():
    guests = [
        row for n in range(25) for row in asks(f"guest {n}", "o device 0", f"own {n}", people=1 + n % 6, at=n * 9e3)
    ]

    found = roles(find_rings(bookings(an_office() + guests)))

    assert {role for account, role in found.items() if account.startswith("guest")} <= {Role.CLIENT}


def test_organisers_come_first_and_those_who_asked_for_most_before_others():
    rows = an_office(people=3) + asks("boss", "o device 0", "o phone 0", people=11, seconds=45)

    members = find_rings(bookings(rows)).members

    assert members["account"].iloc[0] == "boss"
    assert members["role"].tolist() == [Role.ORGANISER] + [Role.TOOL] * 9


def test_a_ring_of_small_accounts_has_the_one_that_asked_for_most_as_organiser():
    rows = an_office(people=4) + asks("o4", "o device 0", "o phone 1", people=5, at=9e6)

    found = roles(find_rings(bookings(rows)))

    assert [account for account, role in found.items() if role == Role.ORGANISER] == ["o4"]


def test_spouses_and_an_aunt_on_one_phone_are_not_a_ring():
    family = [
        (name, "tablet", "phone", 60.0 * n, f"child {n}", 1, 45.0, 1.0)
        for name in ("mother", "father", "aunt")
        for n in range(11)
    ]
    assert find_rings(bookings(family)).rings.empty


def test_unknown_devices_and_phones_join_nobody():
    for unknown in ("", b"", None, float("nan")):
        rows = bookings([row for n in range(30) for row in asks(f"a{n}", unknown, unknown, people=9, seconds=3)])
        rows = rows.astype({"device": object, "phone": object})
        assert find_rings(rows).rings.empty


def test_a_kiosk_joins_nobody_and_breaks_no_ring():
    crowd = [
        row for n in range(HUB_FROM["device"] + 10) for row in asks(f"a{n}", "kiosk", f"p{n}", people=8, seconds=20)
    ]
    assert find_rings(bookings(crowd)).rings.empty

    visits = [row for n in range(9) for row in asks(f"o{n}", "kiosk", f"o phone {n // 3}", seconds=45)]
    found = find_rings(bookings(crowd + an_office() + visits))

    assert set(found.members["account"]) == {f"o{n}" for n in range(9)}


def test_a_hundred_accounts_on_one_phone_are_no_kiosk():
    rows = [row for n in range(100) for row in asks(f"a{n}", "", "phone", people=5, seconds=3)]

    assert find_rings(bookings(rows)).rings["accounts"].tolist() == [100]


def test_no_bookings_have_no_rings():
    found = find_rings(bookings([]))

    assert found.rings.empty
    assert found.members.empty
    assert found.links.empty


def test_details_are_asked_for_those_who_share_alone():
    rows = bookings(an_office() + asks("alone", "own device", "own phone", people=12))
    asked = []

    def details(accounts):
        asked.extend(accounts)
        return rows[rows["account"].isin(accounts)]

    short = find_rings(rows[["account", "device", "phone", "at"]], details=details)

    assert sorted(asked) == [f"o{n}" for n in range(9)]
    pd.testing.assert_frame_equal(short.members, find_rings(rows).members)


MIXED = an_office() + an_office("p", people=5) + a_shop() + asks("o1", "p device 0", "o phone 0")


def rings_of(rows):
    members = find_rings(bookings(rows)).members
    return {frozenset(zip(group["account"], group["role"], strict=True)) for _, group in members.groupby("ring")}


@cache
def in_order():
    return rings_of(MIXED)


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_the_order_of_bookings_changes_nothing(seed):
    shuffled = random.Random(seed).sample(MIXED, len(MIXED))  # noqa: S311

    assert rings_of(shuffled) == in_order()
