"""What an agency decides about an online case, from its first answer to the expiry of its certificate."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.eservices.online import decide, officers, originals
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError
from booking.platform.models import AuditEntry, OnlineDecision
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import PaymentState
from booking.platform.models.states import Role
from tests.support.online_cases import (
    CLEARANCE,
    NOTE,
    a_caseworker,
    decided,
    notices,
    payment_of,
    result_of,
    sent,
    stored,
    with_agency,
)
from tests.support.roles import past_the_roles

pytestmark = pytest.mark.neighbours


@pytest.mark.alone
def test_a_certificate_from_the_first_answer_to_its_expiry(country, officer):
    asked = with_agency(country)
    case = stored(country, asked.reference)
    assert (case.state, case.due_on) == (OnlineState.SUBMITTED, country.today() + timedelta(days=3))
    assert [one.reference for one in officers.queue(country, officer_id=officer, show=officers.Show.FREE).lines] == [
        asked.reference
    ]

    decided(country, asked, officer)
    number = decide.issue(country, officer_id=officer, reference=asked.reference)

    result = result_of(country, asked.reference)
    assert (result.number, result.valid_until - result.valid_from) == (number, timedelta(days=89))
    assert stored(country, asked.reference).state is OnlineState.ISSUED
    assert {"online_awaiting_payment", "online_submitted", "online_issued"} <= set(notices(country, asked.account))
    country.clock.advance(timedelta(days=90))
    assert originals.expire_results(country) == 1
    assert stored(country, asked.reference).state is OnlineState.EXPIRED
    with country.sessions() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == asked.reference)).all()
    assert actions == ["online.claimed", "online.approval", "online.issuing"]


def test_an_officer_asks_for_more_and_gets_it(country, officer):
    asked = with_agency(country)
    officers.claim(country, officer_id=officer, reference=asked.reference)
    decide.ask_for_more(country, officer_id=officer, reference=asked.reference, reason="unreadable_paper", note=NOTE)
    case = stored(country, asked.reference)
    assert (case.state, case.note, case.assigned_to) == (OnlineState.NEEDS_MORE, NOTE, None)

    keep_answers(country, account_id=asked.account, reference=asked.reference, answers={"purpose": "work"})
    assert sent(country, asked) is OnlineState.SUBMITTED
    assert payment_of(country, asked.reference).state is PaymentState.PAID


def test_a_refusal_gives_the_money_back_and_the_person_may_ask_again(country, officer):
    asked = with_agency(country)
    officers.claim(country, officer_id=officer, reference=asked.reference)
    with pytest.raises(InvalidInputError):
        decide.refuse(country, officer_id=officer, reference=asked.reference, reason="bored", note=" ")
    decide.refuse(country, officer_id=officer, reference=asked.reference, reason="conditions_do_not_hold", note=NOTE)
    assert payment_of(country, asked.reference).state is PaymentState.REFUND_DUE
    again = begin_case(country, account_id=asked.account, service=CLEARANCE, member_id=asked.member)
    assert again != asked.reference


def test_only_a_supervisor_revokes_a_result_and_only_once(country, officer):
    asked = with_agency(country)
    decided(country, asked, officer)
    decide.issue(country, officer_id=officer, reference=asked.reference)
    why = {"reason": "issued_by_mistake", "note": NOTE}
    with pytest.raises(ForbiddenError):
        decide.revoke(country, officer_id=officer, reference=asked.reference, **why)
    chief = a_caseworker(country, role=Role.CASE_SUPERVISOR)
    decide.revoke(country, officer_id=chief, reference=asked.reference, **why)
    assert result_of(country, asked.reference).revoked_reason == "issued_by_mistake"
    with pytest.raises(IllegalMoveError):
        decide.revoke(country, officer_id=chief, reference=asked.reference, **why)


@pytest.mark.alone
def test_decisions_cannot_be_changed_even_by_the_owner_of_the_database(country, officer):
    asked = with_agency(country)
    decided(country, asked, officer)
    for statement in (
        "UPDATE online_decision SET note = 'x'",
        "DELETE FROM online_decision",
        "TRUNCATE online_decision",
    ):
        with pytest.raises(Exception, match="never changed"), past_the_roles(country) as session:
            session.execute(text(statement))
    with country.sessions() as session:
        assert len(session.scalars(select(OnlineDecision)).all()) == 1
