"""Whether two staff accounts are two people: wherever a second one must agree, persons are compared and not logins.

One person are two accounts of one national number, or of one phone: whoever holds a phone can choose the passwords of
all its accounts anew. Triggers ask the same function (`migrations/guards_0006.sql`).

Nobody decides a case of their own: the officer's person, household or phone, whichever login they have.

A phone that an account had before is its own too. Each function asks the database what its triggers ask again when the
decision is written: see `own_cases.sql` in `migrations/first/guards`, and `guards_0010.sql`.

What each role may do: one table, read by use cases and by the guards of routes.

A session tells the guard at the door; use cases ask again with the stored account, for roles change.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Function, Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import ForbiddenError, MawidError, OwnCaseError
from booking.platform.base.settings import Environment
from booking.platform.models import Account, OnlineCase, ReviewCase, StaffPerson
from booking.platform.models.states import Role


class SecondAdministratorNeededError(MawidError):
    """Two administrators make this change: one proposes it, and another person confirms it."""

    code = "second_administrator_needed"


class ChangeOverError(MawidError):
    """The proposed change was decided already, or waited for too long; propose it again."""

    code = "change_over"


class TwoRolesOnePersonError(MawidError):
    """The person, or the phone, has another open staff account whose roles do not go together with these."""

    code = "two_roles_one_person"


def is_same_person(session: Session, one: UUID | None, other: UUID | None) -> bool:
    """Return whether two accounts are of one person; False where one of them is nobody."""
    if one is None or other is None:
        return False
    return bool(session.scalar(select(func.same_person(one, other))))


def may_be_second(session: Session, core: Core, second: UUID, first: UUID | None) -> bool:
    """Return whether ``second`` may agree with what ``first`` began; None: nobody, or the system, began it.

    In production both must be bound to a person: of a login that nobody was matched with, nobody can say that it is
    somebody else's.
    """
    if first is None:
        return True
    if is_same_person(session, second, first):
        return False
    if core.settings.environment is not Environment.PRODUCTION:
        return True
    bound = session.scalar(select(func.count()).where(StaffPerson.account_id.in_([second, first])))
    return bound == 2  # noqa: PLR2004 - two people


def refuse_own_request(session: Session, officer_id: UUID, request_id: UUID) -> None:
    """Refuse an officer whom a request is about, or who asked for it.

    Raises
    ------
    OwnCaseError
        The request is of the officer's own person, household or phone.
    """
    _refuse(session, func.is_own_request(officer_id, request_id))


def refuse_own_online_case(session: Session, officer_id: UUID, case: OnlineCase) -> None:
    """Refuse an officer whom an online case is about.

    Raises
    ------
    OwnCaseError
        The case is of the officer's own person, household or phone.
    """
    _refuse(session, func.is_own_online_case(officer_id, case.id))


def refuse_own_review_case(session: Session, officer_id: UUID, case: ReviewCase) -> None:
    """Refuse an officer whom a question is about, or whom it concerns.

    Raises
    ------
    OwnCaseError
        People or accounts of the question are the officer's own, or of their household or phone.
    """
    _refuse(session, func.is_own_review_case(officer_id, case.kind.value, _ids(case.subjects), _ids(case.concerns)))


def refuse_own_number(session: Session, officer_id: UUID, number_hash: bytes) -> None:
    """Refuse an officer to whose household a national number belongs, by its keyed hash.

    Raises
    ------
    OwnCaseError
        The person is of the officer's own household.
    """
    _refuse(session, func.is_own_number(officer_id, number_hash))


def refuse_own_exception(session: Session, officer_id: UUID, subject: bytes) -> None:
    """Refuse an officer whom an exception from rules is for, by the keyed hash of the person's number or phone.

    Raises
    ------
    OwnCaseError
        The exception is of the officer's own person, household or phone.
    """
    refuse_own_number(session, officer_id, subject)
    nobody = _ids(())
    _refuse(session, func.is_own(officer_id, nobody, nobody, cast([subject], ARRAY(BYTEA))))


def refuse_own_account(session: Session, officer_id: UUID, account_id: UUID) -> None:
    """Refuse an officer who holds an account, or shares its household or phone.

    Raises
    ------
    OwnCaseError
        The account is the officer's own, or of their household or phone.
    """
    nobody, no_phone = _ids(()), cast([], ARRAY(BYTEA))
    _refuse(session, func.is_own(officer_id, _ids((account_id,)), nobody, no_phone))


def _refuse(session: Session, own: Function[bool]) -> None:
    if session.scalar(select(own)):
        raise OwnCaseError


def _ids(ids: Sequence[UUID]) -> ColumnElement[Any]:
    return cast(list(ids), ARRAY(Uuid))


KEY = "looked_for"
"""The name of the hash among the details of an entry."""

_ABOUT = "looked for in a search"


def looked_for(core: Core, number: str) -> str:
    """Return the hash of a normalised national number, in hexadecimal; it equals no other hash that is kept."""
    return ever_looked_for(core, number)[-1]


def ever_looked_for(core: Core, number: str) -> list[str]:
    """Return the hashes that stand in entries of any time, the present one last: what is in the log never changes."""
    return [one.hex() for one in core.vault.lookup_hashes(number, _ABOUT)]


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
