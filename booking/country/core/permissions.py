"""What each role may do: one table, read by use cases and by the guards of routes.

A session tells the guard at the door; use cases ask again with the stored account, for roles change.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from booking.platform.base.errors import ForbiddenError
from booking.platform.models import Account
from booking.platform.models.states import Role


class Permission(StrEnum):
    """Something that only staff may do."""

    USE_DESK = "use_desk"
    DECIDE_REVIEWS = "decide_reviews"
    DECIDE_APPEALS = "decide_appeals"
    SERVE_COUNTER = "serve_counter"
    CORRECT_ATTENDANCE = "correct_attendance"
    CLOSE_OFFICE = "close_office"
    PLAN_ROSTER = "plan_roster"
    DECIDE_URGENT = "decide_urgent"
    APPROVE_SECOND = "approve_second"
    OVERBOOK = "overbook"
    REVOKE_APPROVALS = "revoke_approvals"
    WATCH_APPROVALS = "watch_approvals"
    HANDLE_ONLINE = "handle_online"
    HANDLE_POST = "handle_post"
    REVOKE_RESULTS = "revoke_results"
    CHANGE_POLICIES = "change_policies"
    GRANT_EXCEPTIONS = "grant_exceptions"
    MANAGE_STAFF = "manage_staff"
    READ_AUDIT = "read_audit"
    ROTATE_KEYS = "rotate_keys"
    REIDENTIFY = "reidentify"
    MANAGE_HELPERS = "manage_helpers"
    HELP_PEOPLE = "help_people"
    MANAGE_WEBHOOKS = "manage_webhooks"


class Reach(StrEnum):
    """For whose cases a role has a permission."""

    OWN_AGENCY = "own_agency"
    OWN_OFFICE = "own_office"
    EVERY_OFFICE = "every_office"


_P, _R = Permission, Role
_OWN, _EVERY, _AGENCY = Reach.OWN_OFFICE, Reach.EVERY_OFFICE, Reach.OWN_AGENCY

GRANTS: Final[Mapping[Permission, Mapping[Role, Reach]]] = {
    _P.USE_DESK: {_R.OFFICER: _EVERY, _R.SUPERVISOR: _EVERY, _R.REVIEWER: _EVERY},
    _P.DECIDE_REVIEWS: {_R.OFFICER: _EVERY, _R.SUPERVISOR: _EVERY, _R.REVIEWER: _EVERY},
    _P.DECIDE_APPEALS: {_R.OFFICER: _EVERY, _R.SUPERVISOR: _EVERY, _R.REVIEWER: _EVERY},
    _P.SERVE_COUNTER: {_R.OFFICER: _OWN, _R.SUPERVISOR: _OWN},
    _P.CORRECT_ATTENDANCE: {_R.SUPERVISOR: _OWN},
    _P.CLOSE_OFFICE: {_R.SUPERVISOR: _OWN},
    _P.PLAN_ROSTER: {_R.SUPERVISOR: _OWN},
    _P.DECIDE_URGENT: {_R.OFFICER: _OWN, _R.SUPERVISOR: _OWN},
    _P.APPROVE_SECOND: {_R.SUPERVISOR: _OWN},
    _P.OVERBOOK: {_R.SUPERVISOR: _OWN},
    _P.REVOKE_APPROVALS: {_R.SUPERVISOR: _OWN},
    # A supervisor must not be the only one who watches the supervisor; administrators decide about no citizen.
    _P.WATCH_APPROVALS: {_R.SUPERVISOR: _OWN, _R.ADMINISTRATOR: _EVERY},
    _P.HANDLE_ONLINE: {_R.CASEWORKER: _AGENCY, _R.CASE_SUPERVISOR: _AGENCY},
    _P.HANDLE_POST: {_R.OFFICER: _OWN, _R.SUPERVISOR: _OWN},
    _P.REVOKE_RESULTS: {_R.CASE_SUPERVISOR: _AGENCY},
    _P.CHANGE_POLICIES: {_R.ANALYST: _EVERY},
    _P.GRANT_EXCEPTIONS: {_R.ANALYST: _EVERY, _R.ADMINISTRATOR: _EVERY},
    _P.MANAGE_STAFF: {_R.ADMINISTRATOR: _EVERY},
    _P.READ_AUDIT: {_R.ADMINISTRATOR: _EVERY},
    _P.ROTATE_KEYS: {_R.ADMINISTRATOR: _EVERY},
    _P.REIDENTIFY: {_R.ADMINISTRATOR: _EVERY},
    _P.MANAGE_HELPERS: {_R.SUPERVISOR: _OWN, _R.ADMINISTRATOR: _EVERY},
    _P.HELP_PEOPLE: {_R.HELPER: _EVERY},
    _P.MANAGE_WEBHOOKS: {_R.CASE_SUPERVISOR: _AGENCY, _R.ADMINISTRATOR: _EVERY},
}
"""Roles not named may not. A clerk is `Role.OFFICER`; ``OWN_OFFICE`` needs an office, and cases of that office.

``OWN_AGENCY`` needs an agency and cases of that agency, wherever it works: `require_agency`.
"""


def reach(roles: Collection[Role], permission: Permission) -> Reach | None:
    """Return how far a permission goes for someone with these roles; None: not at all."""
    reaches = {far for role, far in GRANTS[permission].items() if role in roles}
    return max(reaches, key=list(Reach).index, default=None)


def allows(
    roles: Collection[Role], own_office: int | None, permission: Permission, *, office_id: int | None = None
) -> bool:
    """Return whether someone of an office has a permission for a case of ``office_id`` (None: of any office).

    Whose agency it is, use cases look at (`require_agency`): a session does not know it.
    """
    match reach(roles, permission):
        case None:
            return False
        case Reach.EVERY_OFFICE:
            return True
        case Reach.OWN_AGENCY:
            return office_id is None
        case Reach.OWN_OFFICE:
            return own_office is not None and office_id in {None, own_office}


def is_staff(roles: Collection[str]) -> bool:
    """Return whether any of the roles is not a citizen's."""
    return any(role != Role.CITIZEN for role in roles)


def require(account: Account | None, permission: Permission, *, office_id: int | None = None) -> Account:
    """Return an open account that has the permission for a case of ``office_id``; raises ForbiddenError."""
    if (
        account is None
        or account.closed_at is not None
        or not allows([Role(role) for role in account.roles], account.office_id, permission, office_id=office_id)
    ):
        raise ForbiddenError
    return account


def require_agency(account: Account | None, permission: Permission, *, agency_code: str | None = None) -> Account:
    """Return an open account that has the permission for a case of an agency (None: of its own).

    Raises
    ------
    ForbiddenError
        The account lacks the permission, is closed, or is of no agency or of another one.
    """
    officer = require(account, permission)
    if officer.agency_code is None or agency_code not in {None, officer.agency_code}:
        raise ForbiddenError
    return officer
