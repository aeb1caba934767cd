"""Linking a colleague with a subject of the organisation's provider."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from booking.base.errors import ForbiddenError, InvalidInputError, NotFoundError
from booking.models import AuditEntry
from booking.models.states import Role
from booking.staff.change import link_provider
from tests.country import a_colleague, an_account

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


def test_only_an_administrator_links_colleagues_and_it_is_logged(core, nour):
    boss = a_colleague(core, Role.ADMINISTRATOR)
    link = {"by": boss, "reason": "asked the ministry"}
    other = a_colleague(core, Role.OFFICER)
    for subject in (SUBJECT, "x" * 256, "é"):
        with pytest.raises(InvalidInputError):
            link_provider(core, account_id=other, subject=subject, **link)
    with pytest.raises(NotFoundError):
        link_provider(core, account_id=an_account(core), subject="u-1", **link)
    with pytest.raises(ForbiddenError):
        link_provider(core, account_id=other, subject="u-1", by=nour, reason="myself")
    with pytest.raises(ForbiddenError):
        link_provider(core, account_id=boss, subject="u-1", **link)

    link_provider(core, account_id=nour, subject="", **link)
    link_provider(core, account_id=other, subject=f" {SUBJECT} ", **link)
    last = entries(core)[-1]
    assert (last.action, last.details["subject"]) == ("staff.linked", SUBJECT)
    nowhere = replace(core, settings=core.settings.model_copy(update={"oidc_issuer": None}))
    with pytest.raises(NotFoundError):
        link_provider(nowhere, account_id=other, subject="u-1", **link)
