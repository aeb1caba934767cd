"""The table of permissions, read as people would: each sentence names a role and an office."""

import itertools
import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from booking.country.core.four_eyes import GRANTS, Permission, Reach, allows, reach, require
from booking.platform.base.errors import ForbiddenError
from booking.platform.models.states import Role
from tests.support.root import ROOT

DAMASCUS, BERLIN = 1, 2
SECURITY = ROOT / "docs/security.md"


def documented() -> dict[Permission, dict[Role, Reach]]:
    """The table of roles in the documentation: each permission once, with a column for each role of staff."""
    lines = SECURITY.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    first = next(i for i, row in enumerate(rows) if "in the code" in row)
    roles = [Role(re.search(r"`(\w+)`", cell).group(1)) for cell in rows[first][2:]]
    assert set(roles) == set(Role) - {Role.CITIZEN}
    found: dict[Permission, dict[Role, Reach]] = {}
    for row in itertools.takewhile(lambda row: len(row) == len(roles) + 2, rows[first + 2 :]):
        reaches = {role: Reach(cell.replace(" ", "_")) for role, cell in zip(roles, row[2:], strict=True) if cell}
        for name in re.findall(r"`(\w+)`", row[1]):
            assert Permission(name) not in found, name
            found[Permission(name)] = reaches
    return found


def test_the_documentation_lists_the_permissions_of_the_code():
    assert documented() == GRANTS


def test_every_permission_has_a_row_and_no_citizen_is_in_it():
    assert set(GRANTS) == set(Permission)
    assert all(rows and Role.CITIZEN not in rows for rows in GRANTS.values())


def test_a_supervisor_may_do_all_that_a_clerk_may():
    for rows in GRANTS.values():
        assert Role.OFFICER not in rows or rows[Role.SUPERVISOR] is rows[Role.OFFICER]
    assert {one for one in Permission if Role.SUPERVISOR in GRANTS[one] and Role.OFFICER not in GRANTS[one]} == {
        Permission.CORRECT_ATTENDANCE,
        Permission.CLOSE_OFFICE,
        Permission.PLAN_ROSTER,
        Permission.APPROVE_SECOND,
        Permission.OVERBOOK,
        Permission.REVOKE_APPROVALS,
        Permission.WATCH_APPROVALS,
        Permission.MANAGE_HELPERS,
    }


def test_a_reviewer_decides_cases_of_any_office_and_serves_nobody():
    assert allows({Role.REVIEWER}, None, Permission.DECIDE_APPEALS, office_id=BERLIN)
    assert not allows({Role.REVIEWER}, DAMASCUS, Permission.SERVE_COUNTER, office_id=DAMASCUS)


@pytest.mark.parametrize(
    ("own", "office_id", "allowed"),
    [(DAMASCUS, DAMASCUS, True), (DAMASCUS, BERLIN, False), (None, DAMASCUS, False), (None, None, False)],
)
def test_clerks_serve_the_counter_of_their_own_office_only(own, office_id, allowed):
    assert allows({Role.OFFICER}, own, Permission.SERVE_COUNTER, office_id=office_id) is allowed


def test_the_widest_of_several_roles_counts():
    both = {Role.OFFICER, Role.ANALYST}
    assert reach(both, Permission.CHANGE_POLICIES) is Reach.EVERY_OFFICE
    assert reach({Role.CITIZEN}, Permission.USE_DESK) is None


def test_permission_is_read_from_the_stored_account():
    account = SimpleNamespace(roles=["officer"], office_id=DAMASCUS, closed_at=None)
    assert require(account, Permission.SERVE_COUNTER, office_id=DAMASCUS) is account
    closed = SimpleNamespace(roles=["officer"], office_id=DAMASCUS, closed_at=datetime(2026, 11, 1, tzinfo=UTC))
    for who, office_id in ((account, BERLIN), (None, DAMASCUS), (closed, DAMASCUS)):
        with pytest.raises(ForbiddenError):
            require(who, Permission.SERVE_COUNTER, office_id=office_id)
