"""Whoever asks again, or lets count again, what is for several services holds its people before anything else."""

import pytest
from sqlalchemy import select

from booking.desk.counter.closing import locked_with_requests
from booking.desk.counter.moves import refuse_move
from booking.desk.counter.walk_ins import leave_unserved
from booking.platform.base.errors import MawidError
from booking.platform.models import HouseholdMember, Request
from booking.platform.models.states import RequestState
from booking.scheduling.appointments.expire import lapse_offers
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import move
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.review import appeal
from booking.scheduling.requests.rows import take_turns
from booking.scheduling.requests.wish import Also
from tests.booking.desk.counter.visits import a_clerk
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.free_slots import free_slots
from tests.support.meanwhile import refused_after

pytestmark = pytest.mark.neighbours


@pytest.fixture
def mother(country):
    """The account and the household member of a mother."""
    account = an_account(country)
    return account, a_member(country, account)


@pytest.fixture
def held(country, mother):
    """A place that is kept for her and her son, for a passport each, in four days."""
    account, member = mother
    son = a_member(country, account, number=eligible_number(country, never_had_passport=True))
    slot = free_slots(country, days=4, units=2)[0]
    wish = a_wish((member,), also=(Also("new-passport", (son,)),))
    return hold(country, account_id=account, slot_id=slot.slot_id, wish=wish, origin=an_origin())


def waits_with_nothing_in_hand(core, account, act):
    """Act while somebody writes turns of the account's people, and the account's requests are free meanwhile."""

    def somebody_writes(session):
        of_account = select(HouseholdMember.person_id).where(HouseholdMember.account_id == account)
        take_turns(session, session.scalars(of_account).all())

    def nothing_is_held(session):
        free = select(Request.id).where(Request.account_id == account).with_for_update(nowait=True)
        waited.extend(session.scalars(free).all())

    waited = []
    refused = refused_after(core, somebody_writes, act, then=nothing_is_held)
    assert len(waited) == 1
    return refused


def test_an_appeal_of_a_visit_for_several_services_waits_for_its_people_first(country, mother):
    account, member = mother
    father = a_member(country, account)
    unreasoned = a_wish((member,), also=(Also("replacement-lost", (father,)),))
    asked = ask(country, account_id=account, wish=unreasoned, origin=an_origin())
    assert asked.state is RequestState.REFUSED

    def act():
        appeal(country, account_id=account, reference=asked.reference, words="It was stolen")

    assert waits_with_nothing_in_hand(country, account, act) is None


@pytest.mark.parametrize(
    "deed",
    [
        lambda core, account, reference: move(core, account_id=account, reference=reference),
        lambda core, account, reference: refuse_move(core, account_id=account, reference=reference),
        lambda core, _, reference: leave_unserved(core, officer_id=a_clerk(core), reference=reference),
        lambda core, _, reference: close_with(core, reference),
    ],
    ids=["move", "refuse_move", "leave_unserved", "closing"],
)
def test_who_asks_again_for_several_services_waits_for_their_people_first(country, mother, held, deed):
    account, _ = mother
    confirm_hold(country, account_id=account, reference=held.reference)

    refused = waits_with_nothing_in_hand(country, account, lambda: deed(country, account, held.reference))

    assert refused is None or isinstance(refused, MawidError)  # nothing was moved, nobody has come: that is not asked


def test_offers_that_nobody_confirmed_end_once_their_people_are_free(country, mother, held):
    account, _ = mother
    country.clock.advance(country.settings.hold_lifetime)

    waits_with_nothing_in_hand(country, account, lambda: lapse_offers(country))

    with country.sessions() as session:
        of_her = select(Request.state).where(Request.account_id == account)
        assert session.scalars(of_her).all() == [RequestState.LAPSED]


def close_with(core, reference):
    with core.sessions.begin() as session:
        assert len(locked_with_requests(session, [reference])) == 1
