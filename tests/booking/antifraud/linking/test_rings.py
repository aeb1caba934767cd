from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.antifraud.linking.decide import decide_case
from booking.antifraud.linking.rings import MOST_NODES, _ask, cases_of, find_rings_of_accounts, open_rings
from booking.platform.models import Account, Request, ReviewCase
from booking.platform.models.requests.case import CaseKind, CaseState
from tests.booking.antifraud.gate.people import an_officer
from tests.booking.antifraud.linking.people import a_client, a_ring, asks_from, cases, hash_of


@pytest.fixture
def ring(country, _asked):
    return list(_asked.accounts)


def decide(core, case, decision):
    decide_case(
        core,
        officer_id=an_officer(core),
        reference=case.reference,
        revision=case.revision,
        decision=decision,
        note="I called them",
    )


def test_a_brokers_accounts_are_one_case(country, ring):
    asks_from(country, "somebody's own device", people=1)

    assert open_rings(country) == 1

    [case] = cases(country)
    assert (case.kind, case.state) == (CaseKind.RING, CaseState.OPEN)
    assert set(case.subjects) == set(ring)
    roles = [case.evidence[name] for name in ("accounts", "organisers", "tools", "clients")]
    assert roles == [9, 1, 8, 0]
    assert case.evidence["people"] == case.evidence["bookings"] == 18
    assert (case.evidence["devices"], case.evidence["phones"]) == (1, 1)
    assert case.evidence["probability"] >= 0.5
    assert {"sign": "pooled", "for": True, "figure": 1.0} in case.evidence["signs"]
    device, phone = case.evidence["shown"]["identifiers"]
    assert device == {"kind": "device", "hash": hash_of(country.vault, "a broker's tablet").hex()[:8], "accounts": 9}
    assert (phone["kind"], phone["accounts"]) == ("phone", 9)
    assert case.evidence["shown"]["roles"] == ["organiser", *["tool"] * 8]
    assert case.evidence["shown"]["people"] == [2] * 9
    assert case.evidence["shown"]["links"] == [[account, shared, 2] for account in range(9) for shared in (0, 1)]


def test_a_shop_that_helps_neighbours_opens_no_case(country):
    for _ in range(12):
        asks_from(country, "a shop's computer", people=1, phone=None, seconds=130)

    assert open_rings(country) == 0


def test_a_case_shows_no_client_of_a_ring(country, ring):
    clients = {a_client(country) for _ in range(3)}

    open_rings(country)

    [case] = cases(country)
    assert set(case.subjects) == set(ring)
    assert set(case.concerns) == clients
    assert case.evidence["clients"] == 3
    assert case.evidence["shown"]["roles"][9:] == ["client"] * 3
    assert not any(client.hex in str(case.evidence) or str(client) in str(case.evidence) for client in clients)


def test_more_clients_are_nothing_new_to_an_open_case(country, ring):
    open_rings(country)
    a_client(country)

    assert open_rings(country) == 0


def test_an_account_that_turns_out_to_be_a_clients_leaves_the_open_case(country, ring):
    client = a_client(country)
    open_rings(country)
    with country.sessions.begin() as session:  # as a version without roles opened it
        [case] = session.scalars(select(ReviewCase))
        case.subjects = [*case.subjects, client]

    assert open_rings(country) == 1

    [case] = cases(country)
    assert set(case.subjects) == set(ring)
    assert case.revision == 2


def test_customers_in_a_case_of_a_version_without_roles_are_not_labelled(country, ring):
    customer = asks_from(country, "a shop's computer", people=1, phone=None)
    open_rings(country)
    with country.sessions.begin() as session:
        [case] = session.scalars(select(ReviewCase))
        case.subjects = [*case.subjects, customer]
        case.evidence = {name: value for name, value in case.evidence.items() if name != "organisers"}

    assert open_rings(country) == 1

    [case] = cases(country)
    assert set(case.subjects) == set(ring)


def test_a_case_that_was_decided_while_the_night_read_does_not_grow(country, ring):
    open_rings(country)
    [case] = cases(country)
    asks_from(country, "a broker's tablet")
    [grown] = find_rings_of_accounts(country)

    with country.sessions.begin() as session:
        read = cases_of(session, grown.accounts)
        decide(country, case, "honest")
        _ask(session, country, grown)

    assert [one.state for one in read] == [CaseState.DECIDED]
    [decided] = cases(country)
    assert (decided.revision, set(decided.subjects)) == (1, set(ring))


def test_a_second_nightly_run_opens_nothing_new(country, ring):
    open_rings(country)
    assert open_rings(country) == 0
    assert len(cases(country)) == 1


def test_two_simultaneous_runs_open_one_case(country, ring):
    with ThreadPoolExecutor(3) as threads:
        changed = list(threads.map(lambda _: open_rings(country), range(3)))

    assert sorted(changed) == [0, 0, 1]
    assert len(cases(country)) == 1


def test_two_accounts_count_as_a_couple(country):
    a_ring(country, 2)
    assert find_rings_of_accounts(country) == []


def test_a_registered_helpers_accounts_are_in_no_ring(country, ring):
    with country.sessions.begin() as session:
        session.execute(update(Account).where(Account.id.in_(ring[:7])).values(registered_helper=True))

    assert open_rings(country) == 0


def test_use_of_a_device_long_ago_joins_no_accounts(country, ring):
    country.clock.advance(timedelta(days=91))
    assert open_rings(country) == 0


def test_an_open_case_grows_with_its_ring(country, ring):
    open_rings(country)
    newcomer = asks_from(country, "a broker's tablet")

    assert open_rings(country) == 1

    [case] = cases(country)
    assert set(case.subjects) == {*ring, newcomer}
    assert case.revision == 2
    assert case.evidence["accounts"] == 10


def test_two_open_cases_whose_rings_meet_become_one(country, ring):
    other = a_ring(country, 8, device="another tablet")
    assert open_rings(country) == 2
    country.clock.advance(timedelta(hours=1))
    with country.sessions.begin() as session:  # some of the second ring now have the first one's phone
        phone = session.scalar(select(Request.phone_hash).where(Request.account_id == ring[0]))
        session.execute(update(Request).where(Request.account_id.in_(other[:3])).values(phone_hash=phone))

    assert open_rings(country) == 1
    assert open_rings(country) == 0

    joined, gone = sorted(cases(country), key=lambda case: case.state is CaseState.MERGED)
    assert joined.state is CaseState.OPEN
    assert set(joined.subjects) == {*ring, *other}
    assert joined.revision == 2
    assert gone.state is CaseState.MERGED
    assert gone.evidence["into"] == joined.reference
    assert gone.closed_at == country.clock.now()

    with country.sessions.begin() as session:  # they change phones again: two communities, and one question still
        own = session.scalar(select(Request.phone_hash).where(Request.account_id == other[-1]))
        session.execute(update(Request).where(Request.account_id.in_(other[:3])).values(phone_hash=own))
    assert len(find_rings_of_accounts(country)) == 2
    assert open_rings(country) == 0


def test_a_decided_ring_is_reopened_only_when_it_grew(country, ring):
    open_rings(country)
    [first] = cases(country)
    decide(country, first, "honest")
    country.clock.advance(timedelta(hours=1))

    assert open_rings(country) == 0
    for _ in range(2):
        asks_from(country, "a broker's tablet")
    assert open_rings(country) == 0
    asks_from(country, "a broker's tablet")
    assert open_rings(country) == 1

    again = cases(country)[-1]
    assert again.state is CaseState.OPEN
    assert again.evidence["before"] == [first.reference]
    assert len(again.subjects) == 12


def test_only_part_of_a_large_ring_is_kept_for_the_drawing(country):
    a_ring(country, MOST_NODES + 5)

    [ring] = find_rings_of_accounts(country)

    assert len(ring.accounts) == MOST_NODES + 5
    assert len(ring.evidence["shown"]["bookings"]) == MOST_NODES - 2
