"""Whose hands an online case is in, and who may not touch it."""

import pytest
from sqlalchemy import select, text

from booking.eservices.online import decide, officers
from booking.eservices.online.send import withdraw_case
from booking.people.hands.errors import CaseNotInHandsError
from booking.people.staff.change import close_account
from booking.platform.base.errors import ForbiddenError, IllegalMoveError
from booking.platform.models import AuditEntry
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Role
from tests.support.country import a_colleague
from tests.support.online_cases import a_caseworker, decided, stored, with_agency

pytestmark = pytest.mark.neighbours


def test_only_the_officer_who_has_a_case_decides_it(country, officer):
    asked, other = with_agency(country), a_caseworker(country)
    with pytest.raises(CaseNotInHandsError):
        decide.approve(country, officer_id=officer, reference=asked.reference, reason="all_is_there", note="")
    officers.claim(country, officer_id=officer, reference=asked.reference)
    officers.claim(country, officer_id=officer, reference=asked.reference)
    for act in (
        lambda: officers.claim(country, officer_id=other, reference=asked.reference),
        lambda: officers.release(country, officer_id=other, reference=asked.reference),
        lambda: officers.open_case(country, officer_id=other, reference=asked.reference),
        lambda: decide.issue(country, officer_id=officer, reference=asked.reference),
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
            officers.open_case(country, officer_id=stranger, reference=asked.reference)
    assert officers.queue(country, officer_id=strangers[0], show=officers.Show.ALL).lines == ()
    for stranger in strangers[1:]:
        with pytest.raises(ForbiddenError):
            officers.queue(country, officer_id=stranger, show=officers.Show.ALL)


def test_officers_cannot_handle_cases_of_their_own_household(country, officer):
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


@pytest.mark.alone
def test_cases_of_a_caseworker_who_leaves_become_free(country, officer):
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
