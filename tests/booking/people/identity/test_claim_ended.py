"""What an account asked for somebody ends with its claim: requests, their places, online cases, each with a notice."""

import pytest
from sqlalchemy import select, update

from booking.eservices.online import officers
from booking.people.identity.attest import attest
from booking.platform.models import Appointment, OnlineCase, Request, RequestMember, SlotPool
from booking.platform.models.identity import ProofKind
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.reserve import hold
from booking.scheduling.requests.ask import ask
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number, forget_proofs
from tests.support.free_slots import free_slots
from tests.support.online_cases import a_caseworker, a_filled_draft, pay, sent


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def stranger(core):
    """An account that asks for a person as if proven, with the person's number."""
    number, account_id = eligible_number(core), an_account(core)
    return account_id, a_member(core, account_id, number=number), number


def owner_comes(core, number):
    account_id = an_account(core)
    member_id = a_member(core, account_id, number=number, proven=False)
    attest(core, account_id=account_id, member_id=member_id, kind=ProofKind.PROVIDER, by="sign-in 7")
    return account_id, member_id


def only(core, model):
    with core.sessions() as session:
        return session.scalars(select(model)).one()


def test_a_waiting_request_lapses_and_the_owner_can_ask_at_once(core, stranger, told):
    account_id, member_id, number = stranger
    ask(core, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())
    forget_proofs(core, account_id)

    owner, mine = owner_comes(core, number)

    assert only(core, Request).state is RequestState.LAPSED
    assert {"request_claim_ended", "claim_ended"} <= set(told(account_id))
    ask(core, account_id=owner, wish=a_wish((mine,)), origin=an_origin())


def test_a_kept_place_is_free_again(core, stranger):
    account_id, member_id, number = stranger
    slot = free_slots(core, days=0)[0].slot_id
    hold(core, account_id=account_id, slot_id=slot, wish=a_wish((member_id,)), origin=an_origin())
    forget_proofs(core, account_id)

    owner_comes(core, number)

    assert only(core, Appointment).state is AppointmentState.CANCELLED
    with core.sessions() as session:
        taken = select(SlotPool.taken).where(SlotPool.slot_id == slot, SlotPool.pool == Pool.INSTANT)
        assert session.scalar(taken) == 0


def test_an_online_case_in_an_officers_hands_is_taken_back(core, told):
    officer, number = a_caseworker(core), eligible_number(core)
    asked = a_filled_draft(core, number=number)
    sent(core, asked)
    pay(core, asked)
    officers.claim(core, officer_id=officer, reference=asked.reference)
    forget_proofs(core, asked.account)

    owner_comes(core, number)

    assert only(core, OnlineCase).state is OnlineState.WITHDRAWN
    assert "online_claim_ended" in told(asked.account)


def test_requests_of_before_the_proof_count_from_then_on(core):
    number, account_id = eligible_number(core), an_account(core)
    member_id = a_member(core, account_id, number=number)
    ask(core, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())
    forget_proofs(core, account_id)
    with core.sessions.begin() as session:
        session.execute(update(RequestMember).values(proven=False))

    attest(core, account_id=account_id, member_id=member_id, kind=ProofKind.PROVIDER, by="sign-in 7")

    assert only(core, RequestMember).proven
