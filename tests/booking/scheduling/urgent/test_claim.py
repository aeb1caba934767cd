"""Who may take a case, give it back or refer it, and who may not."""

import pytest

from booking.people.hands.errors import CaseNotInHandsError
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError, OwnCaseError
from booking.platform.models import Account
from booking.platform.models.states import Role, UrgentState
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.claim import claim, refer, release
from booking.scheduling.urgent.decide import ask_for_evidence, deny
from booking.scheduling.urgent.open_case import open_case
from booking.scheduling.urgent.views import Show, queue
from tests.booking.scheduling.urgent.held_cases import held
from tests.support.country import a_colleague
from tests.support.urgent_cases import APPROVE, ASK, DENY, stored

pytestmark = pytest.mark.neighbours


def test_only_the_officer_who_claimed_a_case_decides_it(core, a_case, officer, supervisor):
    case = a_case()
    with pytest.raises(CaseNotInHandsError):
        approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    held(core, case, officer)
    for act in (approve, deny):
        with pytest.raises(CaseNotInHandsError):
            act(core, officer_id=supervisor, reference=case.reference, **(APPROVE if act is approve else DENY))
    with pytest.raises(CaseNotInHandsError):
        claim(core, officer_id=supervisor, reference=case.reference)
    release(core, officer_id=supervisor, reference=case.reference)
    claim(core, officer_id=supervisor, reference=case.reference)


def test_officers_of_other_offices_and_citizens_cannot_touch_a_case(core, a_case, officer):
    case = held(core, a_case(), officer)
    stranger = a_colleague(core, Role.OFFICER, office="homs")
    for act in (claim, release, open_case):
        for person in (stranger, case.account):
            with pytest.raises(ForbiddenError):
                act(core, officer_id=person, reference=case.reference)


@pytest.mark.parametrize(("act", "words"), [(approve, APPROVE), (deny, DENY), (ask_for_evidence, ASK)])
def test_a_decided_case_cannot_be_claimed_again(core, a_case, officer, supervisor, act, words):
    case = held(core, a_case(), officer)
    act(core, officer_id=officer, reference=case.reference, **words)
    for person in (officer, supervisor):
        with pytest.raises(IllegalMoveError):
            claim(core, officer_id=person, reference=case.reference)


def test_a_case_awaiting_a_second_person_cannot_be_claimed(core, a_case, officer, supervisor):
    case = held(core, a_case(days=0), officer)
    assert approve(core, officer_id=officer, reference=case.reference, **APPROVE).second_for == ("same_day",)
    with pytest.raises(IllegalMoveError):
        claim(core, officer_id=supervisor, reference=case.reference)


def test_a_case_is_referred_to_supervisors_or_to_another_office(core, a_case, officer, supervisor):
    case = held(core, a_case(), officer)
    words = {"reason": "needs_a_supervisor", "note": "the hospital denies it"}
    refer(core, officer_id=officer, reference=case.reference, **words)
    with pytest.raises(ForbiddenError):
        claim(core, officer_id=officer, reference=case.reference)
    held(core, case, supervisor)
    with pytest.raises(InvalidInputError):
        refer(core, officer_id=supervisor, reference=case.reference, office_code="berlin", **words)
    refer(core, officer_id=supervisor, reference=case.reference, office_code="homs", **words)
    homs = a_colleague(core, Role.OFFICER, office="homs")
    assert [line.case.reference for line in queue(core, officer_id=homs, show=Show.ALL)] == [case.reference]
    held(core, case, homs)


def test_an_officer_gives_back_a_case_that_proves_to_be_their_own(core, a_case, officer):
    case = held(core, a_case(), officer)
    with core.sessions.begin() as session:
        session.get_one(Account, officer).phone_hash = session.get_one(Account, case.account).phone_hash
    with pytest.raises(OwnCaseError):
        approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    release(core, officer_id=officer, reference=case.reference)
    assert stored(core, case.reference).state is UrgentState.SUBMITTED
    with pytest.raises(OwnCaseError):
        claim(core, officer_id=officer, reference=case.reference)
