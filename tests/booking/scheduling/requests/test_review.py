from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DatabaseError

from booking.country.core import audit
from booking.platform.base.errors import (
    AlreadyLiveError,
    AppealExistsError,
    ForbiddenError,
    IllegalMoveError,
    InvalidInputError,
    NotFoundError,
    NothingToAppealError,
    OtherOfficerNeededError,
    WrongCodeError,
)
from booking.platform.models import Appeal, AuditEntry, Request, RequestMember, Verdict
from booking.platform.models.states import AppealState, RequestState, Role
from booking.scheduling.appointments.expire import lapse_challenges
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.prove import send_challenge, ways_to_pass
from booking.scheduling.requests.review import answer_challenge, appeal, challenge_review, decide_review
from booking.scheduling.requests.views import list_requests, request_view
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import (
    a_colleague,
    a_member,
    a_request,
    a_wish,
    an_account,
    an_origin,
    eligible_number,
    last_secret,
    pending_number,
    put_rules_in_force,
)

pytestmark = pytest.mark.neighbours

ALWAYS = """
[[rule]]
name = "everyone"
when = "party_size >= 1"
then = "{verdict}"
say.ar = "نتحقق من الجميع اليوم"
say.en = "Everyone is checked today"
"""


@pytest.fixture
def officer(country):
    return a_colleague(country, Role.OFFICER, office="damascus")


@pytest.fixture
def refused(country):
    account = an_account(country)
    member = a_member(country, account, number=pending_number(country))
    return account, ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin()).reference


@pytest.fixture
def under_review(country):
    put_rules_in_force(country, source=ALWAYS.format(verdict="review"))
    account, asked = a_request(country)
    assert asked.state is RequestState.UNDER_REVIEW
    return account, asked.reference


@pytest.mark.alone
def test_a_challenge_is_answered_with_the_code_that_was_sent(country):
    put_rules_in_force(country, source=ALWAYS.format(verdict="challenge"))
    account, asked = a_request(country)
    assert asked.state is RequestState.CHALLENGED
    assert asked.reasons[0]["en"] == "Everyone is checked today"

    send_challenge(country, account_id=account, reference=asked.reference, origin=an_origin())
    with pytest.raises(WrongCodeError):
        answer_challenge(country, account_id=account, reference=asked.reference, code="000000x")
    answer_challenge(
        country, account_id=account, reference=asked.reference, code=last_secret(country, account, "challenge")
    )

    assert request_view(country, account, asked.reference).state is RequestState.ACCEPTED


def test_a_refusal_is_appealed_once_and_an_officer_upholds_it(country, refused, officer):
    account, reference = refused
    appeal(country, account_id=account, reference=reference, words="الرقم صحيح وهذه بطاقتي")
    with pytest.raises(AppealExistsError):
        appeal(country, account_id=account, reference=reference, words="again")

    decide_review(country, officer_id=officer, reference=reference, accept=True, note="saw the card")

    view = request_view(country, account, reference)
    assert view.state is RequestState.ACCEPTED
    assert view.by_officer
    assert view.appeal is AppealState.UPHELD
    with country.sessions() as session:
        of_it = select(Appeal.state).join(Request).where(Request.reference == reference)
        assert session.scalars(of_it).one() is AppealState.UPHELD
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert (last.action, last.subject, last.account_id) == ("review.accept", reference, officer)
        assert audit.verify(session) == last.sequence


@pytest.mark.alone
def test_an_officer_asks_for_a_check_that_only_the_code_from_the_phone_passes(country, under_review, officer):
    account, reference = under_review
    country.clock.advance(timedelta(days=4))

    challenge_review(country, officer_id=officer, reference=reference, note="Is this your phone?")

    assert lapse_challenges(country) == 0  # three days from now, not from the day of asking
    view = request_view(country, account, reference)
    assert (view.state, view.note) == (RequestState.CHALLENGED, "Is this your phone?")
    assert view.reasons[0]["code"] == "officer_asks"
    ways = ways_to_pass(country, account_id=account, session_token="s", reference=reference)
    assert ways.proof is None
    send_challenge(country, account_id=account, reference=reference, origin=an_origin())
    answer_challenge(country, account_id=account, reference=reference, code=last_secret(country, account, "challenge"))
    assert request_view(country, account, reference).state is RequestState.ACCEPTED


@pytest.mark.alone
def test_a_check_that_nobody_answers_ends_the_request_three_days_later(country, under_review, officer):
    account, reference = under_review
    challenge_review(country, officer_id=officer, reference=reference, note="Is this your phone?")
    country.clock.advance(timedelta(days=3, minutes=1))

    assert lapse_challenges(country) == 1
    assert request_view(country, account, reference).state is RequestState.LAPSED


@pytest.fixture
def appealed(country, under_review, officer):
    account, reference = under_review
    decide_review(country, officer_id=officer, reference=reference, accept=False, note="the same person twice")
    appeal(country, account_id=account, reference=reference, words="we are two sisters")
    return reference


@pytest.mark.alone
@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER])
def test_an_appeal_is_decided_by_someone_other_than_the_first_officer(country, appealed, officer, role):
    for accept in (True, False):
        with pytest.raises(OtherOfficerNeededError):
            decide_review(country, officer_id=officer, reference=appealed, accept=accept, note="as I said")

    colleague = a_colleague(country, role)
    with pytest.raises(ForbiddenError):  # an appeal gets an answer, not another check
        challenge_review(country, officer_id=colleague, reference=appealed, note="type the code")
    decide_review(country, officer_id=colleague, reference=appealed, accept=True, note="saw both cards")

    with country.sessions() as session:
        decided = session.scalars(select(Appeal)).one()
        assert (decided.state, decided.decided_by) == (AppealState.UPHELD, colleague)


@pytest.mark.alone
def test_the_database_keeps_the_first_officer_from_deciding_the_appeal(country, appealed, officer):
    now = country.clock.now()
    answer = update(Appeal).values(state=AppealState.UPHELD, decided_at=now)
    verdict = {
        "decision": "accept",
        "reasons": [],
        "inputs": {},
        "versions": {},
        "degraded": False,
        "officer_id": officer,
        "decided_at": now,
    }
    with country.sessions() as session:
        request_id = session.scalar(select(Request.id).where(Request.reference == appealed))
    for statement, reason in (
        (answer.values(decided_by=officer), "other than the first decider"),
        (answer, "names its officer"),
        (insert(Verdict).values(verdict | {"request_id": request_id}), "other than the first decider"),
    ):
        with pytest.raises(DatabaseError, match=reason), country.sessions.begin() as session:
            session.execute(statement)


def test_an_appeal_must_wait_while_its_people_have_a_live_request(country):
    account = an_account(country)
    good, bad = a_member(country, account), a_member(country, account, number=pending_number(country), name="شخص خيالي")
    refused = ask(country, account_id=account, wish=a_wish((good, bad)), origin=an_origin())
    assert refused.state is RequestState.REFUSED
    ask(country, account_id=account, wish=a_wish((good,)), origin=an_origin())

    with pytest.raises(AlreadyLiveError):
        appeal(country, account_id=account, reference=refused.reference, words="please look again")


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
def test_an_appeal_needs_a_text_of_reasonable_length(country, refused, words):
    account, reference = refused
    with pytest.raises(InvalidInputError):
        appeal(country, account_id=account, reference=reference, words=words)


def test_an_accepted_request_has_nothing_to_appeal(country):
    account, asked = a_request(country)
    with pytest.raises(NothingToAppealError):
        appeal(country, account_id=account, reference=asked.reference, words="why not")


@pytest.mark.alone
def test_only_officers_decide_and_only_once(country, under_review, officer):
    account, reference = under_review
    with pytest.raises(ForbiddenError):
        decide_review(country, officer_id=an_account(country), reference=reference, accept=True, note="me")
    with pytest.raises(ForbiddenError):
        decide_review(country, officer_id=account, reference=reference, accept=True, note="my own")

    decide_review(country, officer_id=officer, reference=reference, accept=False, note="the same person twice")

    with pytest.raises(IllegalMoveError):
        decide_review(country, officer_id=officer, reference=reference, accept=True, note="changed my mind")
    assert request_view(country, account, reference).note == "the same person twice"


def test_another_persons_request_looks_unknown(country):
    _, asked = a_request(country)
    stranger = an_account(country)
    for act in (
        lambda: request_view(country, stranger, asked.reference),
        lambda: withdraw(country, account_id=stranger, reference=asked.reference),
        lambda: appeal(country, account_id=stranger, reference=asked.reference, words="mine"),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_a_withdrawn_request_cannot_be_withdrawn_again_and_frees_its_people(country):
    account, asked = a_request(country)
    withdraw(country, account_id=account, reference=asked.reference)

    with pytest.raises(IllegalMoveError):
        withdraw(country, account_id=account, reference=asked.reference)
    with country.sessions() as session:
        of_it = Request.account_id == account
        assert session.scalars(select(RequestMember.live).join(Request).where(of_it)).all() == [False]
        assert session.scalars(select(Request.state).where(of_it)).all() == [RequestState.WITHDRAWN]
    assert [line.state for line in list_requests(country, account)] == [RequestState.WITHDRAWN]


def test_a_person_who_never_had_a_passport_asks_for_a_first_one(country):
    account = an_account(country)
    member = a_member(country, account, number=eligible_number(country, never_had_passport=True))
    asked = ask(country, account_id=account, wish=a_wish((member,), service="new-passport"), origin=an_origin())
    assert asked.state is RequestState.ACCEPTED
