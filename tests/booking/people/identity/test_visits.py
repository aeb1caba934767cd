"""A visit makes seen, and an undone check-in takes that back."""

import pytest
from sqlalchemy import select

from booking.desk.counter.arrive import check_in, undo_check_in
from booking.platform.models import Account, HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.scheduling.appointments.attend import serve
from tests.booking.desk.counter.visits import a_clerk, a_visit


@pytest.fixture
def visit(country):
    found = a_visit(country)
    country.clock.set(found.starts_at)
    return found


@pytest.fixture
def clerk(country):
    return a_clerk(country)


def entry(visit):
    with visit.core.sessions() as session:
        return session.scalars(select(HouseholdMember).where(HouseholdMember.account_id == visit.account_id)).one()


def test_who_checks_in_is_seen_and_keeps_their_proof(country, visit, clerk):
    before = entry(visit)
    check_in(country, officer_id=clerk, reference=visit.reference)
    after = entry(visit)
    assert after.level is IdentityLevel.SEEN
    assert (after.proved_by, after.grant_ciphertext) == (ProofKind.CARD, before.grant_ciphertext)
    serve(country, officer_id=clerk, reference=visit.reference)
    assert entry(visit).level is IdentityLevel.SEEN


def test_a_check_in_proves_nobody_whose_number_was_only_typed(country, visit, clerk):
    with country.sessions.begin() as session:
        row = session.get_one(HouseholdMember, entry(visit).id)
        row.level, row.proved_by, row.proved_at, row.grant_ciphertext = IdentityLevel.MATCHED, None, None, None
    check_in(country, officer_id=clerk, reference=visit.reference)
    assert entry(visit).level is IdentityLevel.MATCHED


def test_an_undone_check_in_makes_nobody_seen(country, visit, clerk):
    check_in(country, officer_id=clerk, reference=visit.reference)
    undo_check_in(country, officer_id=clerk, reference=visit.reference)
    assert entry(visit).level is IdentityLevel.PROVEN


def test_who_was_compared_with_a_document_stays_seen(country, visit, clerk):
    with country.sessions.begin() as session:
        row = session.get_one(HouseholdMember, entry(visit).id)
        row.level, row.proved_by = IdentityLevel.SEEN, ProofKind.OFFICER
    check_in(country, officer_id=clerk, reference=visit.reference)
    undo_check_in(country, officer_id=clerk, reference=visit.reference)
    assert entry(visit).level is IdentityLevel.SEEN


def test_a_clerk_does_not_see_their_own_household(country, visit, clerk):
    with country.sessions.begin() as session:
        session.get_one(Account, visit.account_id).phone_hash = session.get_one(Account, clerk).phone_hash
    check_in(country, officer_id=clerk, reference=visit.reference)
    assert entry(visit).level is IdentityLevel.PROVEN


def test_a_check_in_does_not_wait_for_a_proof_that_is_being_written(country, visit, clerk):
    with country.sessions() as session:
        session.scalars(select(HouseholdMember).with_for_update(of=HouseholdMember)).all()
        assert check_in(country, officer_id=clerk, reference=visit.reference).finding.value == "admitted"
    assert entry(visit).level is IdentityLevel.PROVEN
