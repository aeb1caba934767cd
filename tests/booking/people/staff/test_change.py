from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from booking.country.core import audit, sessions
from booking.country.core.four_eyes import Permission, require
from booking.people.accounts.second_factor import keep, new_secret
from booking.people.staff import change
from booking.people.staff.views import find_colleague, list_colleagues
from booking.platform.base.errors import ForbiddenError, InvalidInputError, NotFoundError, SessionsUnavailableError
from booking.platform.models import Account, AuditEntry
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Door, Role
from fraud.limiting.redis_client import make_client
from tests.support.country import a_colleague, two_administrators_change


@pytest.fixture
def boss(core):
    return a_colleague(core, Role.ADMINISTRATOR)


@pytest.fixture
def clerk(core):
    return a_colleague(core, Role.OFFICER)


@pytest.fixture
def open_tab(core, clerk):
    return sessions.create(core, account_id=clerk, language="ar", door=Door.HOME, roles=["officer"])[0]


CHANGES = {"staff.closed": change.close_account, "staff.signed_out": change.end_sessions}


@pytest.mark.parametrize("action", CHANGES)
def test_each_change_ends_open_sessions_and_is_logged_with_its_reason(core, boss, clerk, open_tab, action):
    CHANGES[action](core, by=boss, account_id=clerk, reason=" moved to Aleppo ")

    assert sessions.read(core, open_tab) is None
    with core.sessions() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert (last.action, last.subject, last.account_id) == (action, str(clerk), boss)
        assert last.details["reason"] == "moved to Aleppo"
        audit.verify(session)


@pytest.mark.parametrize("action", CHANGES)
def test_only_another_administrator_changes_a_colleague(core, boss, clerk, open_tab, action):
    for by, account_id, error in (
        (clerk, boss, ForbiddenError),
        (boss, boss, ForbiddenError),
        (uuid4(), clerk, ForbiddenError),
        (boss, uuid4(), NotFoundError),
    ):
        with pytest.raises(error):
            CHANGES[action](core, by=by, account_id=account_id, reason="because")
    with pytest.raises(InvalidInputError):
        CHANGES[action](core, by=boss, account_id=clerk, reason=" ")

    assert sessions.read(core, open_tab) is not None


def test_nothing_changes_while_sessions_cannot_be_ended(core, boss, clerk, tmp_path):
    client = make_client(f"unix://{tmp_path}/nobody.sock")
    away = replace(core, redis=client)

    with pytest.raises(SessionsUnavailableError):
        change.close_account(away, by=boss, account_id=clerk, reason="left")

    client.close()
    assert find_colleague(core, clerk).closed_at is None


def test_a_lost_role_takes_effect_in_open_pages_at_once(core, boss, clerk):
    def may():
        with core.sessions() as session:
            return require(session.get(Account, clerk), Permission.USE_DESK)

    assert may()
    two_administrators_change(core, clerk, StaffChangeKind.ROLES, roles=(Role.ANALYST,))
    with pytest.raises(ForbiddenError):
        may()
    two_administrators_change(core, clerk, StaffChangeKind.ROLES, roles=(Role.OFFICER,))
    change.close_account(core, by=boss, account_id=clerk, reason="left")
    with pytest.raises(ForbiddenError):
        may()


def test_citizens_are_not_listed_or_changed_as_colleagues(core, boss, clerk, an_account):
    citizen = an_account()

    assert {one.account_id for one in list_colleagues(core)} == {boss, clerk}
    with pytest.raises(NotFoundError):
        change.close_account(core, by=boss, account_id=citizen, reason="a citizen")


def test_a_reset_forgets_the_authenticator(core, clerk):
    with core.sessions.begin() as session:
        assert keep(session, core, account_id=clerk, secret=new_secret(), step=1)
    assert find_colleague(core, clerk).has_second_factor

    two_administrators_change(core, clerk, StaffChangeKind.SECOND_FACTOR, reason="lost, saw her identity card")

    assert not find_colleague(core, clerk).has_second_factor
