"""Who looked for a person: answered from the audit log, which holds no number, and on record itself."""

import json

import pytest
from sqlalchemy import select

from booking.desk.counter.views import find
from booking.people.staff.views import who_looked_for
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
