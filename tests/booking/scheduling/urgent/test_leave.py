from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import select

from booking.country.core import audit
from booking.people.hands.errors import CaseNotInHandsError
from booking.people.staff.change import close_account
from booking.platform.base.errors import ForbiddenError, InvalidInputError, SessionsUnavailableError
from booking.platform.models import Account, AuditEntry
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Role, UrgentState
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.claim import claim, refer
from booking.scheduling.urgent.retention import hand_over, hands
from fraud.limiting.redis_client import make_client
from tests.support.country import a_colleague, two_administrators_change
from tests.support.meanwhile import refused_after
from tests.support.urgent_cases import APPROVE, stored
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours


@pytest.fixture
def colleague(core):
    """Another clerk in Damascus."""
    return a_colleague(core, Role.OFFICER, office="damascus")


@pytest.fixture
def held(core, a_case, officer):
    """Two cases in the officer's hands, and one that is free."""
    cases = [a_case() for _ in range(3)]
    for case in cases[:2]:
        claim(core, officer_id=officer, reference=case.reference)
    return [case.reference for case in cases]


def holders(core, references):
    return [stored(core, reference).assigned_to for reference in references]


def test_an_officer_whose_account_is_being_closed_takes_no_case(core, a_case, officer):
    case = a_case().reference

    def close(session):
        session.get(Account, officer, with_for_update={"key_share": True}).closed_at = core.clock.now()

    refused = refused_after(core, close, lambda: claim(core, officer_id=officer, reference=case))

    assert isinstance(refused, ForbiddenError)
    assert holders(core, [case]) == [None]


def test_an_officer_on_leave_hands_all_cases_to_a_colleague(core, held, officer, colleague):
    assert hand_over(core, by=officer, held_by=officer, to=colleague, reason="leave until Sunday") == 2

    assert holders(core, held) == [colleague, colleague, None]
    approve(core, officer_id=colleague, reference=held[0], **APPROVE)
    with core.sessions() as session:
        of_them = AuditEntry.action == "urgent.handed_over", AuditEntry.subject.in_(held)
        entries = session.scalars(select(AuditEntry).where(*of_them)).all()
        assert [(one.details["to"], one.details["reason"]) for one in entries] == [
            (str(colleague), "leave until Sunday")
        ] * 2
        audit.verify(session)


def test_a_supervisor_returns_a_sick_officers_cases_to_the_queue(core, held, officer, supervisor):
    assert {one.account_id: one.cases for one in hands(core, officer_id=supervisor)}[officer] == 2

    assert hand_over(core, by=supervisor, held_by=officer, to=None, reason="ill") == 2

    assert holders(core, held) == [None] * 3
    assert {stored(core, reference).state for reference in held} == {UrgentState.SUBMITTED}


def test_colleagues_and_other_offices_cannot_hand_cases_over(core, held, officer, colleague):
    elsewhere = a_colleague(core, Role.SUPERVISOR, office="aleppo")
    for by in (colleague, elsewhere, a_colleague(core, Role.REVIEWER)):
        with pytest.raises(ForbiddenError):
            hand_over(core, by=by, held_by=officer, to=None, reason="I want them")
    assert holders(core, held) == [officer, officer, None]


def test_cases_are_handed_only_to_people_who_may_decide_them(core, held, officer, supervisor, colleague):
    claimed = stored(core, held[1]).reference
    refer(core, officer_id=officer, reference=claimed, reason="needs_a_supervisor", note="for the supervisors")
    claim(core, officer_id=supervisor, reference=claimed)
    claim(core, officer_id=supervisor, reference=held[2])
    reviewer, elsewhere = a_colleague(core, Role.REVIEWER), a_colleague(core, Role.OFFICER, office="aleppo")
    for to in (reviewer, elsewhere, colleague, supervisor):
        with pytest.raises(InvalidInputError):
            hand_over(core, by=supervisor, held_by=supervisor, to=to, reason="leave")
    with pytest.raises(InvalidInputError):
        hand_over(core, by=supervisor, held_by=supervisor, to=None, reason=" ")
    assert holders(core, held) == [officer, supervisor, supervisor]


@pytest.mark.parametrize("how", [close_account, "roles"])
def test_cases_of_an_officer_who_leaves_or_changes_role_become_free(core, held, officer, how):
    boss = a_colleague(core, Role.ADMINISTRATOR)
    if how == "roles":
        two_administrators_change(core, officer, StaffChangeKind.ROLES, roles=(Role.ANALYST,))
    else:
        close_account(core, by=boss, account_id=officer, reason="left")

    assert holders(core, held) == [None] * 3
    with core.sessions() as session:
        of_them = AuditEntry.action == "urgent.released", AuditEntry.subject.in_(held)
        released = session.scalars(select(AuditEntry.subject).where(*of_them)).all()
        assert sorted(released) == sorted(held[:2])
        audit.verify(session)


def test_cases_stay_in_the_officers_hands_when_the_account_cannot_be_closed(core, held, officer, tmp_path):
    client = make_client(f"unix://{tmp_path}/nobody.sock")

    with pytest.raises(SessionsUnavailableError):
        close_account(replace(core, redis=client), by=None, account_id=officer, reason="left")

    client.close()
    assert holders(core, held) == [officer, officer, None]


def test_closing_an_account_waits_for_a_decision_under_way(core, held, officer):
    boss = a_colleague(core, Role.ADMINISTRATOR)
    started = Barrier(2, timeout=PATIENCE)

    def decide(reference):
        started.wait()
        try:
            approve(core, officer_id=officer, reference=reference, **APPROVE)
        except (ForbiddenError, CaseNotInHandsError):
            return False
        return True

    with ThreadPoolExecutor(1) as threads:
        deciding = threads.submit(decide, max(held[:2]))
        started.wait()
        close_account(core, by=boss, account_id=officer, reason="suspended")
        decided = deciding.result(PATIENCE)

    states = [stored(core, reference).state for reference in held]
    assert states.count(UrgentState.APPROVED) == decided
    assert UrgentState.ASSIGNED not in states
    with core.sessions() as session:
        audit.verify(session)
