"""Answering and sending an online case: what is refused, and that a person has one at a time."""

import pytest
from sqlalchemy import update

from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.errors import AlreadyAskedError, NotOfferedError
from booking.eservices.online.send import send_case
from booking.eservices.online.views import own_view
from booking.people.accounts.household import remove_member
from booking.platform.base.errors import InvalidInputError, PersonInUseError
from booking.platform.models import Service
from booking.platform.models.online.case import OnlineState
from tests.support.country import a_member, an_account
from tests.support.online_cases import CLEARANCE, a_filled_draft, put_papers, sent, stored, with_agency


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("answers", "field", "reason"),
    [
        ({"purpose": "fun"}, "purpose", "unknown"),
        ({"purpose": 7}, "purpose", "unreadable"),
        ({"addressee": "x" * 121}, "addressee", "too_long"),
        ({"state": "issued"}, "state", "unknown_field"),
        ({"purpose": None}, "purpose", "unreadable"),
    ],
)
def test_answers_that_do_not_fit_are_refused_and_nothing_is_kept(country, officer, answers, field, reason):
    asked = a_filled_draft(country)
    before = own_view(country, account_id=asked.account, reference=asked.reference).answers
    with pytest.raises(InvalidInputError) as refused:
        keep_answers(country, account_id=asked.account, reference=asked.reference, answers=answers)
    assert (field, reason) in {(one.field, one.reason) for one in refused.value.errors}
    assert own_view(country, account_id=asked.account, reference=asked.reference).answers == before


def test_an_unfinished_form_is_not_sent_and_lists_all_that_is_missing(country, officer):
    account = an_account(country)
    member = a_member(country, account)
    reference = begin_case(country, account_id=account, service=CLEARANCE, member_id=member)
    with pytest.raises(InvalidInputError) as refused:
        send_case(country, account_id=account, reference=reference, declared=False)
    assert {(one.field, one.reason) for one in refused.value.errors} == {
        ("purpose", "missing"),
        ("declared", "must_declare"),
    }
    keep_answers(country, account_id=account, reference=reference, answers={"purpose": "work"})
    with pytest.raises(InvalidInputError) as refused:
        send_case(country, account_id=account, reference=reference, declared=True)
    assert [(one.field, one.reason) for one in refused.value.errors] == [("paper-identity", "no_paper")]


def test_a_draft_of_a_service_that_was_withdrawn_is_neither_sent_nor_lost(country, officer):
    asked = a_filled_draft(country)
    with country.sessions.begin() as session:
        session.execute(update(Service).where(Service.code == CLEARANCE).values(active=False))
    with pytest.raises(NotOfferedError):
        sent(country, asked)
    assert stored(country, asked.reference).state is OnlineState.DRAFT


def test_a_person_has_one_running_case_of_a_service(country, officer):
    asked = with_agency(country)
    again = begin_case(country, account_id=asked.account, service=CLEARANCE, member_id=asked.member)
    keep_answers(country, account_id=asked.account, reference=again, answers={"purpose": "work"})
    put_papers(country, again)
    with pytest.raises(AlreadyAskedError):
        send_case(country, account_id=asked.account, reference=again, declared=True)
    assert stored(country, again).state is OnlineState.DRAFT
    with pytest.raises(PersonInUseError):
        remove_member(country, account_id=asked.account, member_id=asked.member)
