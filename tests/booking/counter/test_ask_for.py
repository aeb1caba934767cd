"""A clerk asks for a man without a phone: the request is his, the office sees it, and he reads it with two numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.base.errors import AlreadyLiveError, ForbiddenError, InvalidInputError, NotFoundError, OfferLapsedError
from booking.base.message_states import MessageState
from booking.counter import ask_for
from booking.linking.records import records_of
from booking.models import Account, AuditEntry, Message, Request
from booking.models.states import LIVE_REQUEST_STATES, Role
from booking.reaching.deliver import deliver_waiting
from tests.booking.counter.standing import a_counter_request
from tests.booking.helpers.helped import an_offer
from tests.country import a_colleague, an_account, an_origin, eligible_number


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def clerk(core):
    return a_colleague(core, Role.OFFICER, office="damascus")


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


def test_a_refused_or_repeated_confirmation_is_not_logged(core, clerk):
    reference = a_counter_request(core, clerk)
    an_offer(core, reference)

    def recorded():
        with core.sessions() as session:
            return len(session.scalars(select(AuditEntry).where(AuditEntry.action == "counter.confirmed")).all())

    core.clock.advance(timedelta(days=4))
    with pytest.raises(OfferLapsedError):
        ask_for.confirm_at_counter(core, officer_id=clerk, reference=reference)
    assert recorded() == 0
    core.clock.advance(timedelta(days=-4))
    for _ in range(2):
        ask_for.confirm_at_counter(core, officer_id=clerk, reference=reference)
    assert recorded() == 1
