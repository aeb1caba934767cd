"""A case from its first answer to its end, told as the people in it would."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from booking.accounts.household import remove_member
from booking.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError, NotFoundError, PersonInUseError
from booking.hands.errors import CaseNotInHandsError
from booking.models import AuditEntry, Message, OnlineDecision
from booking.models.online.payment_states import PaymentState
from booking.models.online.states import ONLINE_MOVES, OnlineState
from booking.models.states import Door, Role
from booking.online import decide as deciding
from booking.online import officer_views as desk
from booking.online import officers
from booking.online import retention as keeping
from booking.online.answer import keep_answer, keep_answers
from booking.online.begin import begin_case
from booking.online.errors import AlreadyAskedError, NotEligibleError, NotOfferedError
from booking.online.send import send_case, withdraw_case
from booking.online.views import list_own, own_view
from booking.staff.change import close_account
from tests.country import a_colleague, a_member, an_account
from tests.online_cases import (
    CLEARANCE,
    INSURANCE,
    NOTE,
    a_caseworker,
    a_filled_draft,
    decided,
    payment_of,
    put_papers,
    result_of,
    sent,
    stored,
    with_agency,
)


@pytest.fixture
def officer(country):
    return a_caseworker(country)


def notices(core, account):
    with core.sessions() as session:
        return session.scalars(select(Message.kind).where(Message.account_id == account)).all()


def test_a_certificate_from_the_first_answer_to_its_expiry(country, officer):
    asked = with_agency(country)
    case = stored(country, asked.reference)
    assert (case.state, case.due_on) == (OnlineState.SUBMITTED, country.today() + timedelta(days=3))
    assert [one.reference for one in desk.queue(country, officer_id=officer, show=desk.Show.FREE).lines] == [
        asked.reference
    ]

    decided(country, asked, officer)
    number = deciding.issue(country, officer_id=officer, reference=asked.reference)

    result = result_of(country, asked.reference)
    assert (result.number, result.valid_until - result.valid_from) == (number, timedelta(days=89))
    assert stored(country, asked.reference).state is OnlineState.ISSUED
    assert {"online_awaiting_payment", "online_submitted", "online_issued"} <= set(notices(country, asked.account))
    country.clock.advance(timedelta(days=90))
    assert keeping.expire_results(country) == 1
    assert stored(country, asked.reference).state is OnlineState.EXPIRED
    with country.sessions() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == asked.reference)).all()
    assert actions == ["online.claimed", "online.approval", "online.issuing"]


def test_nothing_is_offered_that_nobody_would_handle(country):
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
def test_what_is_not_online_cannot_be_begun(country, service):
    with pytest.raises(NotFoundError):
        begin_case(country, account_id=an_account(country), service=service.replace("\x00", "-"), member_id=1)


def test_a_draft_is_kept_and_found_again(country, officer):
    asked = a_filled_draft(country)
    assert begin_case(country, account_id=asked.account, service=CLEARANCE, member_id=asked.member) == asked.reference
    keep_answer(country, account_id=asked.account, reference=asked.reference, field="purpose", typed="work")
    keep_answer(country, account_id=asked.account, reference=asked.reference, field="addressee", typed=" ")
    view = own_view(country, account_id=asked.account, reference=asked.reference)
    assert (view.answers, view.unanswered) == ({"purpose": "work"}, None)
    assert "work" not in str(stored(country, asked.reference).answers)


def test_only_the_own_draft_can_be_seen_or_changed(country, officer):
    asked, other = a_filled_draft(country), an_account(country)
    for act in (
        lambda: own_view(country, account_id=other, reference=asked.reference),
        lambda: keep_answer(country, account_id=other, reference=asked.reference, field="purpose", typed="work"),
        lambda: send_case(country, account_id=other, reference=asked.reference, declared=True),
        lambda: withdraw_case(country, account_id=other, reference=asked.reference),
        lambda: begin_case(country, account_id=uuid4(), service=CLEARANCE, member_id=asked.member),
    ):
        with pytest.raises((NotFoundError, Exception)) as refused:
            act()
        assert refused.type.__name__ in {"NotFoundError", "NoResultFound"}


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


def test_an_unfinished_form_is_not_sent_and_all_that_is_missing_is_told(country, officer):
    account = an_account(country)
    member = a_member(country, account)
    reference = begin_case(country, account_id=account, service=CLEARANCE, member_id=member)
    with pytest.raises(InvalidInputError) as refused:
        send_case(country, account_id=account, reference=reference, declared=False)
    assert {(one.field, one.reason) for one in refused.value.errors} == {
        ("purpose", "missing"),
        ("declared", "must_declare"),
    }
    keep_answer(country, account_id=account, reference=reference, field="purpose", typed="work")
    with pytest.raises(InvalidInputError) as refused:
        send_case(country, account_id=account, reference=reference, declared=True)
    assert [(one.field, one.reason) for one in refused.value.errors] == [("paper-identity", "no_paper")]


def test_a_person_has_one_running_case_of_a_service(country, officer):
    asked = with_agency(country)
    again = begin_case(country, account_id=asked.account, service=CLEARANCE, member_id=asked.member)
    keep_answer(country, account_id=asked.account, reference=again, field="purpose", typed="work")
    put_papers(country, again)
    with pytest.raises(AlreadyAskedError):
        send_case(country, account_id=asked.account, reference=again, declared=True)
    assert stored(country, again).state is OnlineState.DRAFT
    with pytest.raises(PersonInUseError):
        remove_member(country, account_id=asked.account, member_id=asked.member)


def test_who_may_not_ask_is_told_every_reason(country):
    account = an_account(country)
    child = a_member(country, account)
    with country.sessions.begin() as session:
        session.execute(text("UPDATE person SET birth_date = '2015-01-01'"))
    with pytest.raises(NotEligibleError) as refused:
        begin_case(country, account_id=account, service=INSURANCE, member_id=child)
    assert refused.value.reasons == ("too_young",)


def test_an_expatriate_pays_the_consular_fee(country, officer):
    asked = a_filled_draft(country, door=Door.ABROAD)
    due = own_view(country, account_id=asked.account, reference=asked.reference).due
    assert (due.amount, due.currency) == (25, "USD")


def test_an_officer_asks_for_more_and_gets_it(country, officer):
    asked = with_agency(country)
    officers.claim(country, officer_id=officer, reference=asked.reference)
    deciding.ask_for_more(country, officer_id=officer, reference=asked.reference, reason="unreadable_paper", note=NOTE)
    case = stored(country, asked.reference)
    assert (case.state, case.note, case.assigned_to) == (OnlineState.NEEDS_MORE, NOTE, None)

    keep_answer(country, account_id=asked.account, reference=asked.reference, field="purpose", typed="work")
    assert sent(country, asked) is OnlineState.SUBMITTED
    assert payment_of(country, asked.reference).state is PaymentState.PAID


def test_a_refusal_gives_the_money_back_and_the_person_may_ask_again(country, officer):
    asked = with_agency(country)
    officers.claim(country, officer_id=officer, reference=asked.reference)
    with pytest.raises(InvalidInputError):
        deciding.refuse(country, officer_id=officer, reference=asked.reference, reason="bored", note=" ")
    deciding.refuse(country, officer_id=officer, reference=asked.reference, reason="conditions_do_not_hold", note=NOTE)
    assert payment_of(country, asked.reference).state is PaymentState.REFUND_DUE
    again = begin_case(country, account_id=asked.account, service=CLEARANCE, member_id=asked.member)
    assert again != asked.reference


def test_only_whoever_has_a_case_decides_it(country, officer):
    asked, other = with_agency(country), a_caseworker(country)
    with pytest.raises(CaseNotInHandsError):
        deciding.approve(country, officer_id=officer, reference=asked.reference, reason="all_is_there", note="")
    officers.claim(country, officer_id=officer, reference=asked.reference)
    officers.claim(country, officer_id=officer, reference=asked.reference)
    for act in (
        lambda: officers.claim(country, officer_id=other, reference=asked.reference),
        lambda: officers.release(country, officer_id=other, reference=asked.reference),
        lambda: desk.open_case(country, officer_id=other, reference=asked.reference),
        lambda: deciding.issue(country, officer_id=officer, reference=asked.reference),
    ):
        with pytest.raises(CaseNotInHandsError):
            act()
    with pytest.raises(IllegalMoveError):
        withdraw_case(country, account_id=asked.account, reference=asked.reference)
    chief = a_caseworker(country, role=Role.CASE_SUPERVISOR)
    officers.release(country, officer_id=chief, reference=asked.reference)
    officers.claim(country, officer_id=other, reference=asked.reference)


def test_another_agency_and_other_staff_see_nothing(country, officer):
    asked = with_agency(country)
    strangers = (
        a_caseworker(country, "tax"),
        a_colleague(country, Role.CASEWORKER),
        a_colleague(country, Role.SUPERVISOR),
    )
    for stranger in strangers:
        with pytest.raises(ForbiddenError):
            officers.claim(country, officer_id=stranger, reference=asked.reference)
        with pytest.raises(ForbiddenError):
            desk.open_case(country, officer_id=stranger, reference=asked.reference)
    assert desk.queue(country, officer_id=strangers[0], show=desk.Show.ALL).lines == ()
    for stranger in strangers[1:]:
        with pytest.raises(ForbiddenError):
            desk.queue(country, officer_id=stranger, show=desk.Show.ALL)


def test_nobody_handles_their_own_case_or_that_of_their_household(country, officer):
    asked = with_agency(country)
    with country.sessions.begin() as session:
        person = stored(country, asked.reference).person_id
        session.execute(
            text(
                "INSERT INTO household_member (account_id, person_id, name, relation, created_at)"
                " VALUES (:account, :person, 'x', 'other', now())"
            ),
            {"account": officer, "person": person},
        )
    with pytest.raises(ForbiddenError):
        officers.claim(country, officer_id=officer, reference=asked.reference)


def test_a_revoked_result_is_revoked_by_a_supervisor_alone(country, officer):
    asked = with_agency(country)
    decided(country, asked, officer)
    deciding.issue(country, officer_id=officer, reference=asked.reference)
    why = {"reason": "issued_by_mistake", "note": NOTE}
    with pytest.raises(ForbiddenError):
        deciding.revoke(country, officer_id=officer, reference=asked.reference, **why)
    chief = a_caseworker(country, role=Role.CASE_SUPERVISOR)
    deciding.revoke(country, officer_id=chief, reference=asked.reference, **why)
    assert result_of(country, asked.reference).revoked_reason == "issued_by_mistake"
    with pytest.raises(IllegalMoveError):
        deciding.revoke(country, officer_id=chief, reference=asked.reference, **why)


def test_decisions_cannot_be_changed_even_by_who_owns_the_database(country, officer):
    asked = with_agency(country)
    decided(country, asked, officer)
    for statement in (
        "UPDATE online_decision SET note = 'x'",
        "DELETE FROM online_decision",
        "TRUNCATE online_decision",
    ):
        with pytest.raises(Exception, match="never changed"), country.sessions.begin() as session:
            session.execute(text(statement))
    with country.sessions() as session:
        assert len(session.scalars(select(OnlineDecision)).all()) == 1


def test_who_leaves_puts_their_cases_back(country, officer):
    taken, approved = with_agency(country), with_agency(country)
    officers.claim(country, officer_id=officer, reference=taken.reference)
    decided(country, approved, officer)
    close_account(country, by=None, account_id=officer, reason="left")
    for asked in (taken, approved):
        case = stored(country, asked.reference)
        assert (case.state, case.assigned_to) == (OnlineState.SUBMITTED, None)
    with country.sessions() as session:
        released = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "online.released")).all()
        assert sorted(released) == sorted([taken.reference, approved.reference])


def test_what_waits_for_its_owner_too_long_ends(country, officer):
    draft, unpaid = a_filled_draft(country), a_filled_draft(country)
    sent(country, unpaid)
    country.clock.advance(timedelta(days=15))
    assert keeping.lapse_waiting(country) == 1
    assert stored(country, unpaid.reference).state is OnlineState.LAPSED
    country.clock.advance(timedelta(days=46))
    assert keeping.lapse_waiting(country) == 1
    assert list_own(country, draft.account) == []


def test_a_state_is_reached_from_the_draft_or_not_there_at_all():
    reached, more = {OnlineState.DRAFT}, {OnlineState.DRAFT}
    while more:
        more = {to for state in more for to in ONLINE_MOVES.get(state, ())} - reached
        reached |= more
    assert reached == set(OnlineState)
