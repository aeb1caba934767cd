"""Who is taken for somebody that gives places up for others, by what the gate counts in the database."""

import pytest

from booking.antifraud.gate.replay import replay
from booking.platform.models import Account, HouseholdMember, PhoneChange
from booking.scheduling.appointments.expire import end_requests_of_claim
from tests.booking.desk.helpers.helped import a_helper, agreed, an_offer, ask_it
from tests.booking.scheduling.requests.asking.households import MINUTE, Household, closes_over, gives_up, judged

pytestmark = pytest.mark.neighbours

RULE = "rule.gives-places-up-and-asks-for-others"
BY_PHONE = "rule.passes-places-on-with-one-phone"
PHONE = "+963966123456"


@pytest.fixture
def core(country):
    return country


def test_a_family_that_moves_all_its_appointments_gave_up_none_for_others(core):
    family = Household(core, 5)
    *booked, last = family.people
    for reference in [family.booked(member) for member in booked]:
        family.moves(reference)
    facts, fired = family.asks(last)
    assert (facts["cancellations_90d"], facts["rebookings_30d"], facts["people_on_phone_30d"]) == (0, 0, 4)
    assert fired == []


def test_a_family_that_changes_its_times_after_a_cancelling_is_let_on(core):
    family = Household(core, 5)
    ill, *others = [family.booked(member) for member in family.people]
    family.cancels(ill)
    for reference in others:
        family.changes(reference)
    facts, fired = family.asks(family.people[0])
    assert (facts["rebookings_30d"], facts["people_on_phone_30d"], fired) == (0, 5, [])


def test_a_parent_who_cancels_once_asks_for_five_children_one_by_one(core):
    family = Household(core, 6)
    family.cancels(family.booked(family.people[0]))
    counted = [family.asks(member) for member in family.people[1:]]
    assert [facts["rebookings_30d"] for facts, _ in counted] == [0, 1, 2, 3, 4]
    assert {facts["passed_on_with_phone_30d"] for facts, _ in counted[1:]} == {1}
    assert [fired for _, fired in counted] == [[]] * 5


def test_a_family_that_gives_all_its_places_up_and_asks_for_a_guest_is_let_on(core):
    family = Household(core, 6)
    *booked, guest = family.people
    for reference in [family.booked(member) for member in booked]:
        family.cancels(reference)
    family.asks(guest)
    facts, fired = family.asks(family.people[0])
    assert (facts["cancellations_90d"], facts["passed_on_with_phone_30d"], fired) == (5, 1, [])


def test_a_family_that_gives_all_its_places_up_and_asks_again_passed_none_on(core):
    family = Household(core, 5)
    for reference in [family.booked(member) for member in family.people]:
        family.cancels(reference)
    facts, fired = [family.asks(member) for member in family.people][-1]
    assert (facts["rebookings_30d"], facts["passed_on_by_account_30d"]) == (4, 0)
    assert (facts["cancellations_90d"], facts["passed_on_with_phone_30d"], fired) == (5, 0, [])


def test_people_whose_office_closed_passed_nothing_on(core):
    family = Household(core, 6)
    *booked, last = family.people
    references = [family.booked(member) for member in booked]
    family.cancels(references.pop())
    for reference in references:
        closes_over(core, reference)
    facts, fired = family.asks(last)
    assert (facts["cancellations_90d"], facts["passed_on_by_account_30d"]) == (1, 1)
    assert (facts["passed_on_with_phone_30d"], facts["given_up_on_phone_90d"], fired) == (1, 1, [])


def test_who_moves_appointments_and_asks_for_others_gave_no_place_up(core):
    family = Household(core, 7)
    for reference in [family.booked(member) for member in family.people[:4]]:
        family.moves(reference)
    facts, fired = [family.asks(member) for member in family.people[4:]][-1]
    assert (facts["cancellations_90d"], facts["passed_on_by_account_30d"]) == (0, 0)
    assert (facts["passed_on_with_phone_30d"], fired) == (0, [])
    assert replay(core, core.today()).differences == {}


def test_who_loses_people_to_a_better_proof_gave_no_place_up(core):
    """A father has booked for two children whom their mother then proves in her account."""
    father = Household(core, 5)
    children, others = father.people[:2], father.people[2:]
    for child in children:
        father.booked(child)
    with core.sessions.begin() as session:
        for child in children:
            end_requests_of_claim(session, core, father.account, session.get_one(HouseholdMember, child).person_id)
    core.clock.advance(MINUTE)
    facts, fired = [father.asks(member) for member in others][-1]
    assert (facts["cancellations_90d"], facts["given_up_on_phone_90d"]) == (0, 0)
    assert (facts["passed_on_by_account_30d"], facts["passed_on_with_phone_30d"], fired) == (0, 0, [])


def test_who_gives_places_up_and_asks_for_others_in_one_account_meets_an_officer(core):
    seller = Household(core, 6)
    booked = [seller.booked(lent) for lent in seller.people[:3]]
    fired = []
    for reference, buyer in zip(booked, seller.people[3:], strict=True):
        seller.cancels(reference)
        fired.append(seller.asks(buyer)[1])
    assert fired == [[], [], [RULE, BY_PHONE]]


@pytest.mark.alone
def test_who_passes_places_on_in_an_account_for_each_name_meets_an_officer(core):
    """Names and buyers have an account each, on one phone: each account does it once or never."""
    lent = [Household(core, 1, PHONE) for _ in range(3)]
    booked = [seller.booked(seller.people[0]) for seller in lent]
    fired = []
    for seller, reference in zip(lent, booked, strict=True):
        seller.cancels(reference)
        facts, rules = Household(core, 1, PHONE).asks_alone()
        fired.append((facts["passed_on_by_account_30d"], facts["passed_on_with_phone_30d"], rules))
    assert fired == [(0, 0, []), (0, 1, []), (0, 2, [BY_PHONE])]
    assert replay(core, core.today()).differences == {}


@pytest.mark.alone
def test_a_new_number_leaves_nothing_that_was_passed_on_behind(core):
    """Whoever changes the account's phone is known by the one before, as long as what was done with it counts."""
    for seller in [Household(core, 1, PHONE) for _ in range(2)]:
        seller.cancels(seller.booked(seller.people[0]))
        changes = Household(core, 2, PHONE)
        changes.asks_alone()
    with core.sessions.begin() as session:
        account, now = session.get_one(Account, changes.account), core.clock.now()
        keys = {"old_hash": account.phone_hash, "new_hash": b"another", "new_ciphertext": b"another"}
        session.add(PhoneChange(account_id=account.id, created_at=now, done_at=now, **keys))
        account.phone_hash = b"another"
    facts, fired = changes.asks(changes.people[1])
    assert (facts["passed_on_with_phone_30d"], fired) == (2, [BY_PHONE])
    assert replay(core, core.today()).differences == {}


def passed_on_by(core, shop, clients):
    """A helper asks for clients on one phone, whose places all go to the next one: facts and rules of each."""
    found, before = [], None
    for _ in range(clients):
        if before is not None:
            gives_up(core, an_offer(core, before))
        before = ask_it(core, shop, agreed(core, shop, phone=PHONE)).reference
        found.append(judged(core, before))
    return found


@pytest.mark.alone
def test_a_helper_who_passes_each_clients_place_to_the_next_meets_an_officer(core):
    found = passed_on_by(core, a_helper(core), 4)
    assert {facts["phone_is_registered_helper"] for facts, _ in found} == {True}
    assert [facts["passed_on_with_phone_30d"] for facts, _ in found] == [0, 0, 1, 2]
    assert {facts["passed_on_by_account_30d"] for facts, _ in found} == {0}
    assert [fired for _, fired in found] == [[], [], [], [BY_PHONE]]


@pytest.mark.alone
def test_a_helper_some_of_whose_many_clients_cancel_is_let_on(core):
    clients = Household(core, 12, PHONE)
    for client in clients.people:
        clients.asks(client)
    found = passed_on_by(core, a_helper(core), 4)
    assert [facts["passed_on_with_phone_30d"] for facts, _ in found] == [0, 0, 1, 2]
    assert [fired for _, fired in found] == [[]] * 4
