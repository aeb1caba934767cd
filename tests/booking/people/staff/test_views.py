"""Who looked for a person: answered from the audit log, which holds no number, and on record itself."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from booking.country.core import audit
from booking.desk.counter.views import find
from booking.people.staff.views import PAGE, Search, search_audit, who_looked_for
from booking.platform.base.errors import ForbiddenError
from booking.platform.models import AuditEntry
from booking.platform.models.states import Role
from tests.support.country import a_colleague, eligible_number


def test_searches_for_a_person_are_found_by_their_number_and_by_no_other(country):
    """Nobody could say which clerk had looked a neighbour up at the counter."""
    clerk = a_colleague(country, Role.OFFICER, office="damascus")
    boss = a_colleague(country, Role.ADMINISTRATOR)
    number, other = eligible_number(country), eligible_number(country)
    find(country, officer_id=clerk, text=number)
    find(country, officer_id=clerk, text=" ".join(number))

    (second, first) = who_looked_for(country, by=boss, national_number=number)
    assert (first.account_id, first.action, second.account_id) == (clerk, "counter.searched", clerk)
    assert who_looked_for(country, by=boss, national_number=other) == []
    assert who_looked_for(country, by=boss, national_number=number)[0].action == "audit.looked_for"
    with pytest.raises(ForbiddenError):
        who_looked_for(country, by=clerk, national_number=number)
    with country.sessions() as session:
        kept = json.dumps([one.details for one in session.scalars(select(AuditEntry))])
        assert number not in kept


@pytest.fixture
def boss(core):
    return a_colleague(core, Role.ADMINISTRATOR)


@pytest.fixture
def note(core):
    def make(actor="nour", action="review.accept", subject="7K2M9D4QX"):
        with core.sessions.begin() as session:
            audit.append(session, at=core.clock.now(), actor=actor, action=action, subject=subject)

    return make


def found(core, boss, **search):
    return [(one.actor, one.action) for one in search_audit(core, by=boss, search=Search(**search)).entries]


def test_entries_are_found_by_actor_action_subject_and_day(core, boss, note, clock):
    note()
    note(actor="rami", action="review.refuse", subject="OTHER")
    note(action="reviewed%")
    clock.advance(timedelta(days=1))
    note(action="case.looked_at")

    assert found(core, boss, actor="rami") == [("rami", "review.refuse")]
    assert found(core, boss, action="review.") == [("rami", "review.refuse"), ("nour", "review.accept")]
    assert found(core, boss, action="%") == []
    assert found(core, boss, subject="OTHER", actor="nour") == []
    assert found(core, boss, day=clock.now().date(), actor="nour") == [("nour", "case.looked_at")]
    assert len(found(core, boss, day=date(2026, 11, 1), actor="nour")) == 2


def test_a_day_is_in_the_countrys_time(core, boss, note, clock):
    clock.advance(timedelta(hours=15, minutes=30))  # half past nine in the evening in London, next day in Damascus
    note()

    assert found(core, boss, actor="nour", day=date(2026, 11, 2)) == [("nour", "review.accept")]
    assert found(core, boss, actor="nour", day=date(2026, 11, 1)) == []


def test_pages_of_results_have_no_gap_or_repetition(core, boss, note):
    for _ in range(PAGE + 3):
        note()

    first = search_audit(core, by=boss, search=Search(actor="nour"))
    second = search_audit(core, by=boss, search=Search(actor="nour", before=first.before))

    numbers = [one.sequence for one in (*first.entries, *second.entries)]
    assert len(numbers) == len(set(numbers)) == PAGE + 3
    assert numbers == sorted(numbers, reverse=True)
    assert second.before is None


def test_each_search_is_logged_and_the_chain_holds(core, boss, note):
    note()
    search_audit(core, by=boss, search=Search(actor="nour", day=date(2026, 11, 1)))

    with core.sessions() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert (last.action, last.account_id) == ("audit.read", boss)
        assert last.details == {"actor": "nour", "day": "2026-11-01"}
        assert audit.verify(session) == last.sequence


@pytest.mark.neighbours
@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.CITIZEN}])
def test_only_administrators_read_the_audit_log(core, role):
    someone = a_colleague(core, role)
    with pytest.raises(ForbiddenError):
        search_audit(core, by=someone, search=Search())
    with core.sessions() as session:
        assert session.scalar(select(func.count()).where(AuditEntry.action == "audit.read")) == 0
