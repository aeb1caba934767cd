"""A clerk asks for a man without a phone: the request is his, the office sees it, and he reads it with two numbers."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.antifraud.linking.records import records_of
from booking.desk.counter import ask_for
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.errors import (
    AlreadyLiveError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    OfferLapsedError,
)
from booking.platform.base.message_states import MessageState
from booking.platform.models import Account, AuditEntry, HouseholdMember, Message, Request, RequestMember
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import LIVE_REQUEST_STATES, RequestState, Role
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.judge_again import judge_again
from tests.booking.desk.counter.standing import a_counter_request
from tests.booking.desk.helpers.helped import an_offer
from tests.booking.people.identity.conftest import Away
from tests.support.country import (
    a_colleague,
    a_member,
    a_typed_person,
    a_wish,
    an_account,
    an_origin,
    eligible_number,
)
from tests.support.open_draws import open_a_draw

pytestmark = pytest.mark.neighbours


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def clerk(core):
    return a_colleague(core, Role.OFFICER, office="damascus")


@pytest.fixture
def away(core):
    return dataclasses.replace(core, register=Away())


def a_request_meanwhile(core, away, clerk, number=None):
    person = a_typed_person(core, number=number)
    return ask_for.ask_at_counter(away, officer_id=clerk, person=person, wish=a_wish(()), origin=an_origin("counter"))


def asked_for(core, reference):
    with core.sessions() as session:
        return session.scalars(
            select(Request).where(Request.reference == reference).options(selectinload(Request.members))
        ).one()


@pytest.mark.alone
def test_the_request_belongs_to_an_account_without_a_phone(core, clerk):
    reference = a_counter_request(core, clerk)
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        owner = session.get_one(Account, request.account_id)
        assert (owner.unclaimed, owner.phone_hash, owner.phone_ciphertext) == (True, b"", b"")
        assert (request.phone_hash, request.device_hash) == (b"", b"")
        assert request.state in LIVE_REQUEST_STATES
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "counter.asked")).one()
        assert (entry.subject, entry.account_id) == (reference, clerk)
        assert records_of(session, core.vault)["phone"].tolist() == [""]
    deliver_waiting(core)
    with core.sessions() as session:
        states = session.scalars(select(Message.state).where(Message.account_id == owner.id)).all()
    assert set(states) == {MessageState.SILENCED}


@pytest.mark.alone
def test_the_same_person_has_one_account_and_one_live_request(core, clerk):
    number = eligible_number(core)
    a_counter_request(core, clerk, number=number)
    with pytest.raises(AlreadyLiveError):
        a_counter_request(core, clerk, number=number)
    with pytest.raises(InvalidInputError):
        a_counter_request(core, clerk, number=number, born="4/4/1950")
    with core.sessions() as session:
        assert len(session.scalars(select(Account.id).where(Account.unclaimed)).all()) == 1


def test_reference_and_national_number_together_show_the_status(core, clerk):
    number = eligible_number(core)
    reference = a_counter_request(core, clerk, number=number)
    seen = ask_for.status(core, reference=reference, national_number=number, origin=an_origin())
    assert seen.reference == reference
    with pytest.raises(NotFoundError):
        ask_for.status(core, reference=reference, national_number=eligible_number(core), origin=an_origin())


def test_only_the_office_of_the_counter_sees_its_request(core, clerk):
    reference = a_counter_request(core, clerk)
    assert ask_for.look(core, officer_id=clerk, reference=reference).reference == reference
    for who in (a_colleague(core, Role.OFFICER, office="berlin"), an_account(core)):
        with pytest.raises(ForbiddenError):
            ask_for.look(core, officer_id=who, reference=reference)
        with pytest.raises(ForbiddenError):
            ask_for.confirm_at_counter(core, officer_id=who, reference=reference)
    with pytest.raises(ForbiddenError):
        a_counter_request(core, an_account(core))


@pytest.mark.alone
def test_nobody_waits_at_the_counter_for_a_register_that_is_away(core, clerk, away):
    open_a_draw(core, "D1")
    reference = a_request_meanwhile(core, away, clerk)
    assert ask_for.waits_for_the_register(core, officer_id=clerk, reference=reference)
    core.clock.advance(timedelta(days=1))
    draws.close(core, "D1")
    request = asked_for(core, reference)
    assert (request.state, request.draw_id, request.lost_draws) == (RequestState.ACCEPTED, None, 1)

    judge_again(core, request.id)

    assert not ask_for.waits_for_the_register(core, officer_id=clerk, reference=reference)
    with core.sessions() as session:
        assert session.scalars(select(HouseholdMember.level)).one() is IdentityLevel.SEEN
        assert session.get_one(RequestMember, (request.id, request.members[0].person_id)).proven
        seen = session.scalars(select(AuditEntry).where(AuditEntry.action == "counter.person_seen")).one()
        assert seen.account_id == clerk


def test_whom_the_register_does_not_know_afterwards_gets_no_place(core, clerk, away):
    reference = a_request_meanwhile(core, away, clerk, "99000000001")
    judge_again(core, asked_for(core, reference).id)
    assert asked_for(core, reference).state is RequestState.LAPSED


def test_a_turn_of_the_persons_own_is_not_joined_by_one_of_the_counter(core, clerk, away):
    number = eligible_number(core)
    identity = a_typed_person(core, number=number)
    account_id = an_account(core)
    member = a_member(core, account_id, number=number, name=identity.name, born=identity.born)
    ask(core, account_id=account_id, wish=a_wish((member,)), origin=an_origin())
    reference = a_request_meanwhile(core, away, clerk, number)

    judge_again(core, asked_for(core, reference).id)

    assert asked_for(core, reference).state is RequestState.LAPSED


def test_a_refused_or_repeated_confirmation_is_not_logged(core, clerk):
    reference = a_counter_request(core, clerk)
    an_offer(core, reference)

    def recorded():
        with core.sessions() as session:
            confirmed = select(AuditEntry.subject).where(AuditEntry.action == "counter.confirmed")
            return session.scalars(confirmed.where(AuditEntry.account_id == clerk)).all()

    core.clock.advance(timedelta(days=4))
    with pytest.raises(OfferLapsedError):
        ask_for.confirm_at_counter(core, officer_id=clerk, reference=reference)
    assert recorded() == []
    core.clock.advance(timedelta(days=-4))
    for _ in range(2):
        ask_for.confirm_at_counter(core, officer_id=clerk, reference=reference)
    assert recorded() == [reference]
