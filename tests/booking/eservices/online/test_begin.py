"""Beginning an online case: what is offered, to whom, and whose draft it is."""

from datetime import date
from uuid import uuid4

import pytest

from booking.eservices.online.answer import keep_part
from booking.eservices.online.begin import begin_case
from booking.eservices.online.errors import NotEligibleError, NotOfferedError
from booking.eservices.online.send import send_case, withdraw_case
from booking.eservices.online.views import own_view
from booking.people.staff.change import close_account
from booking.platform.base.errors import NotFoundError
from booking.platform.models.states import Door
from tests.support.country import a_member, an_account
from tests.support.online_cases import CLEARANCE, INSURANCE, a_caseworker, a_filled_draft, stored

pytestmark = pytest.mark.neighbours


@pytest.mark.alone
def test_a_service_without_caseworkers_is_not_offered(country):
    account = an_account(country)
    member = a_member(country, account)
    with pytest.raises(NotOfferedError):
        begin_case(country, account_id=account, service=CLEARANCE, member_id=member)
    a_caseworker(country, "insurance")
    with pytest.raises(NotOfferedError):
        begin_case(country, account_id=account, service=CLEARANCE, member_id=member)
    gone = a_caseworker(country)
    close_account(country, by=None, account_id=gone, reason="left")
    with pytest.raises(NotOfferedError):
        begin_case(country, account_id=account, service=CLEARANCE, member_id=member)
    a_caseworker(country)
    assert begin_case(country, account_id=account, service=CLEARANCE, member_id=member)


@pytest.mark.parametrize("service", ["passport-renewal", "no-such-service", "\x00"])
def test_a_service_that_is_not_online_cannot_be_begun(country, service):
    with pytest.raises(NotFoundError):
        begin_case(country, account_id=an_account(country), service=service.replace("\x00", "-"), member_id=1)


def test_a_draft_is_kept_and_found_again(country, officer):
    asked = a_filled_draft(country)
    assert begin_case(country, account_id=asked.account, service=CLEARANCE, member_id=asked.member) == asked.reference
    typed = {"purpose": "work", "addressee": " ", "no such question": "x"}
    kept = keep_part(country, account_id=asked.account, reference=asked.reference, code="purpose", typed=typed)
    assert kept.answers == {"purpose": "work"}
    view = own_view(country, account_id=asked.account, reference=asked.reference)
    assert (view.answers, view.unanswered) == ({"purpose": "work"}, None)
    assert "work" not in str(stored(country, asked.reference).answers)


def test_a_draft_is_seen_and_changed_only_by_its_owner(country, officer):
    asked, other = a_filled_draft(country), an_account(country)
    for act in (
        lambda: own_view(country, account_id=other, reference=asked.reference),
        lambda: keep_part(country, account_id=other, reference=asked.reference, code="purpose", typed={}),
        lambda: send_case(country, account_id=other, reference=asked.reference, declared=True),
        lambda: withdraw_case(country, account_id=other, reference=asked.reference),
        lambda: begin_case(country, account_id=uuid4(), service=CLEARANCE, member_id=asked.member),
    ):
        with pytest.raises((NotFoundError, Exception)) as refused:
            act()
        assert refused.type.__name__ in {"NotFoundError", "NoResultFound"}


def test_an_ineligible_person_gets_every_reason(country):
    account = an_account(country)
    child = a_member(country, account, born=date(2015, 1, 1))
    with pytest.raises(NotEligibleError) as refused:
        begin_case(country, account_id=account, service=INSURANCE, member_id=child)
    assert refused.value.reasons == ("too_young",)


def test_an_expatriate_pays_the_consular_fee(country, officer):
    asked = a_filled_draft(country, door=Door.ABROAD)
    due = own_view(country, account_id=asked.account, reference=asked.reference).due
    assert (due.amount, due.currency) == (25, "USD")
