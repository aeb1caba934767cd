"""Whatever stands out is asked about once, of those who may answer, and never of those whom it concerns."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from booking.antifraud.linking.decide import look_at_case
from booking.antifraud.linking.views import flags, list_open
from booking.antifraud.watching.alerts import open_questions
from booking.antifraud.watching.cases import answer, list_questions, look_at_question
from booking.platform.base.errors import CaseClosedError, ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import Account, AuditEntry, Request, ReviewCase
from booking.platform.models.requests.case import CaseKind, CaseState
from booking.platform.models.states import Role
from tests.booking.antifraud.watching.papers import a_letter
from tests.booking.desk.helpers.helped import a_helper, helper_id_of
from tests.support.country import a_colleague, a_member, eligible_number
from tests.support.decisions import a_requester, decided, sent


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def boss(core):
    return a_colleague(core, Role.ADMINISTRATOR)


@pytest.fixture
def supervisor(core):
    return a_colleague(core, Role.SUPERVISOR, office="damascus")


def questions(core, kind=None):
    with core.sessions() as session:
        return [one for one in session.scalars(select(ReviewCase)) if kind in {None, one.kind}]


def others(core, who, number=6, office="aleppo"):
    """Officers who approve four of ten."""
    for _ in range(number):
        decided(core, a_colleague(core, Role.OFFICER, office=office), who, approved=8, denied=12)


def answered(core, officer, reference, decision="explained"):
    answer(core, officer_id=officer, reference=reference, revision=1, decision=decision, note="I read the notes")


def test_an_officer_beyond_the_limit_is_questioned_once_per_period(core, boss, supervisor):
    who = a_requester(core)
    generous = a_colleague(core, Role.SUPERVISOR, office="damascus")
    others(core, who)
    others(core, who, number=2, office="damascus")
    decided(core, generous, who, approved=19, denied=1)

    assert (open_questions(core), open_questions(core)) == (1, 0)

    [case] = questions(core)
    assert (case.kind, case.concerns, case.evidence["decided"], case.evidence["approved"]) == (
        CaseKind.APPROVALS, [generous], 20, 19,
    )  # fmt: skip
    assert case.evidence["probability"] < 0.001
    assert [one.case.reference for one in list_questions(core, officer_id=supervisor)] == [case.reference]
    assert [one.who for one in list_questions(core, officer_id=boss)] == [name_of(core, generous)]

    assert list_questions(core, officer_id=generous) == []
    for act in (look_at_question, lambda core, **who: answered(core, who["officer_id"], who["reference"])):
        with pytest.raises(ForbiddenError):
            act(core, officer_id=generous, reference=case.reference)
    with pytest.raises(IntegrityError, match="own: "), core.sessions.begin() as session:
        session.execute(
            update(ReviewCase).values(
                state=CaseState.DECIDED,
                officer_id=generous,
                note="mine",
                decision="explained",
                closed_at=case.opened_at,
            )
        )

    answered(core, supervisor, case.reference)
    with pytest.raises(CaseClosedError):
        answered(core, boss, case.reference)
    core.clock.advance(timedelta(days=4))
    assert open_questions(core) == 0
    others(core, who)
    decided(core, generous, who, approved=15, at=core.clock.now() - timedelta(days=1))
    open_questions(core)
    again = [one for one in questions(core) if one.state is CaseState.OPEN and one.concerns == [generous]]
    assert [(one.evidence["decided"], one.evidence["approved"]) for one in again] == [(15, 15)]
    with core.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.explained")).all()
    assert [(one.account_id, one.details["note"]) for one in entries] == [(supervisor, "I read the notes")]


def name_of(core, account):
    with core.sessions() as session:
        return session.get_one(Account, account).username


def test_questions_beyond_one_office_go_to_watchers_of_every_office(core, boss, supervisor):
    who, helper = a_requester(core), a_requester(core)
    with core.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == helper[0]).values(registered_helper=True))
    others(core, who, number=10)
    officers = [a_colleague(core, Role.OFFICER, office="damascus") for _ in range(5)]
    for officer in officers:  # none of them stands out alone
        decided(core, officer, helper, approved=6, denied=1)
        before = core.clock.now() - timedelta(days=200)
        decided(core, officer, who, approved=2, denied=18, reason="pilgrimage", at=before)
    decided(core, officers[0], who, approved=7, denied=3, reason="pilgrimage")

    open_questions(core)

    found = {one.subject_key: one for one in questions(core, CaseKind.APPROVALS)}
    assert set(found) == {"office:damascus", f"helper:{helper[0].hex}", "reason:pilgrimage"}
    assert {one.office_id for one in found.values()} == {None}
    asked = {who: list_questions(core, officer_id=who) for who in (boss, supervisor)}
    kinds = {who: [one.case.kind for one in cases] for who, cases in asked.items()}
    assert (kinds[boss].count(CaseKind.APPROVALS), kinds[supervisor].count(CaseKind.APPROVALS)) == (3, 0)
    with pytest.raises(ForbiddenError):
        look_at_question(core, officer_id=supervisor, reference=found["office:damascus"].reference)
    with pytest.raises(InvalidInputError):
        answered(core, boss, found["office:damascus"].reference, decision="honest")


def test_a_paper_reused_by_strangers_is_questioned_but_not_by_a_family(core, supervisor):
    one, other, third = (a_requester(core) for _ in range(3))
    first, second = sent(core, one, a_letter(1)), sent(core, other, a_letter(1))
    copy = sent(core, third, a_letter(1, quality=60))
    sent(core, one, a_letter(2))
    sent(core, other, a_letter(3))
    family, relative = a_requester(core), a_requester(core)
    number = eligible_number(core)
    for account, _ in (family, relative):
        a_member(core, account, number=number)
    for member in (family, relative):
        sent(core, member, a_letter(9))

    assert (open_questions(core), open_questions(core)) == (3, 0)

    same, *alike = sorted(questions(core, CaseKind.EVIDENCE), key=lambda case: case.subject_key, reverse=True)
    assert (same.evidence["alike"], same.evidence["accounts"]) == ("same", 2)
    assert set(same.evidence["cases"]) == {first, second}
    assert set(same.subjects) == {one[0], other[0]}
    assert {copy} < set(alike[0].evidence["cases"]) | set(alike[1].evidence["cases"])
    assert len(list_questions(core, officer_id=supervisor)) == 3
    answered(core, supervisor, same.reference, decision="follow_up")
    assert open_questions(core) == 0
    core.clock.advance(timedelta(days=1))
    sent(core, third, a_letter(1))
    assert open_questions(core) == 1
    with core.sessions() as session:
        request = session.scalars(select(Request.reference).where(Request.account_id == one[0])).one()
    assert flags(core, request) == []
    assert list_open(core) == []
    with pytest.raises(NotFoundError):
        look_at_case(core, officer_id=supervisor, reference=same.reference)


def test_a_form_that_many_fill_in_opens_no_question(core):
    for number in range(4):
        sent(core, a_requester(core), a_letter(1, quality=60 + 5 * number))
    assert open_questions(core) == 0


def test_an_officer_whose_cases_share_a_phone_or_a_relative_is_questioned(core, supervisor):
    who = [a_requester(core) for _ in range(8)]
    mine, colleague = (a_colleague(core, Role.OFFICER, office="damascus") for _ in range(2))
    with core.sessions.begin() as session:
        phone = session.scalars(select(Request.phone_hash).where(Request.id == who[0][1])).one()
        session.execute(update(Request).where(Request.id.in_([one[1] for one in who[:4]])).values(phone_hash=phone))
    for one in who[:4]:  # all with one phone, and one officer for all of them
        decided(core, mine, one, approved=1)
    for one in who[6:]:
        decided(core, mine, one, approved=1)
    ids = [one[0] for one in who[6:]]
    with core.sessions.begin() as session:  # it turns out later that they are the officer's
        number = session.scalar(select(Account.phone_hash).where(Account.id == mine))
        session.execute(update(Account).where(Account.id.in_(ids)).values(phone_hash=number))
    decided(core, colleague, who[4], approved=30, denied=30)
    decided(core, mine, who[5], denied=10)

    assert open_questions(core) >= 2

    found = {one.evidence["link"]: one for one in questions(core, CaseKind.LINKED) if one.concerns == [mine]}
    assert set(found) == {"phone", "relative"}
    phone_case = found["phone"].evidence
    assert (phone_case["approved"], phone_case["of"]) == (4, 4)
    assert phone_case["share"] == pytest.approx(6 / 36)
    assert phone_case["probability"] == pytest.approx((6 / 36) ** 4)
    assert set(found["relative"].subjects) == set(ids)
    assert {one.who for one in list_questions(core, officer_id=supervisor)} == {name_of(core, mine)}


def test_an_officer_who_approves_one_helpers_people_is_questioned(core, supervisor):
    mine, colleague = (a_colleague(core, Role.OFFICER, office="damascus") for _ in range(2))
    helper = helper_id_of(core, a_helper(core, by=supervisor))
    who = [a_requester(core) for _ in range(5)]
    with core.sessions.begin() as session:
        asked = Request.id.in_([one[1] for one in who[:4]])
        session.execute(update(Request).where(asked).values(helper_id=helper))
    for one in who[:4]:
        decided(core, mine, one, approved=1)
    decided(core, colleague, who[4], approved=30)

    open_questions(core)

    [found] = questions(core, CaseKind.LINKED)
    assert (found.evidence["link"], found.evidence["approved"], found.concerns) == ("helper", 4, [mine])
    assert set(found.subjects) == {one[0] for one in who[:4]}


def test_cases_decided_by_a_single_officer_open_no_question(core):
    who = a_requester(core)
    decided(core, a_colleague(core, Role.OFFICER, office="damascus"), who, approved=40, denied=20)
    assert open_questions(core) == 0


def test_the_database_refuses_an_answer_of_another_kind(core, boss):
    with core.sessions() as session:
        checks = session.scalars(
            text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_review_case_decision_word'")
        ).all()
    assert "follow_up" in checks[0]
