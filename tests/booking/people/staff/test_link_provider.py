"""Linking a colleague with a subject of the organisation's provider."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from booking.people.staff.change import link_provider
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import AuditEntry
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Role
from tests.support.country import a_colleague, an_account, two_administrators_change

SUBJECT = "u-4711"


@pytest.fixture
def core(core):
    return replace(core, settings=core.settings.model_copy(update={"oidc_issuer": "https://id.example"}))


@pytest.fixture
def nour(core):
    """A linked clerk."""
    account_id = a_colleague(core, Role.OFFICER)
    link_provider(core, by=None, account_id=account_id, subject=SUBJECT, reason="first day")
    return account_id


def entries(core):
    with core.sessions() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()


def test_two_administrators_link_a_colleague_and_it_is_logged(core, nour):
    other = a_colleague(core, Role.OFFICER)
    for subject in (SUBJECT, "x" * 256, "é"):
        with pytest.raises(InvalidInputError):
            two_administrators_change(core, other, StaffChangeKind.PROVIDER, subject=subject)
    with pytest.raises(NotFoundError):
        two_administrators_change(core, an_account(core), StaffChangeKind.PROVIDER, subject="u-1")

    two_administrators_change(core, nour, StaffChangeKind.PROVIDER, subject="")
    two_administrators_change(core, other, StaffChangeKind.PROVIDER, subject=f" {SUBJECT} ")
    last = [entry for entry in entries(core) if entry.action == "staff.linked"][-1]
    assert (last.subject, last.details["subject"]) == (str(other), SUBJECT)
    nowhere = replace(core, settings=core.settings.model_copy(update={"oidc_issuer": None}))
    with pytest.raises(NotFoundError):
        two_administrators_change(nowhere, other, StaffChangeKind.PROVIDER, subject="u-1")
