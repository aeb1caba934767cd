"""Accounts of those who work with Mawid: officers, analysts, administrators."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.opening import insert_account, read_account_form
from booking.base.errors import FieldError, InvalidInputError
from booking.core import audit
from booking.core.core import Core
from booking.core.permissions import Permission, require
from booking.models import Account, Office
from booking.models.states import Door, Role

SYSTEM: Final = "system"


def create_staff(
    core: Core,
    *,
    username: str,
    password: str,
    phone: str,
    roles: Collection[Role],
    office_code: str | None,
    language: str,
    by: UUID | None,
    agency_code: str | None = None,
) -> UUID:
    """Make an account with roles, on the record; its phone counts as confirmed by the one who makes it.

    Parameters
    ----------
    office_code
        Where an officer works; None for those of no office.
    by
        The administrator's account; None for the command line, whose user owns the server anyway.
    agency_code
        Whose online cases a caseworker handles; None for those of no agency.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``roles`` "missing", ``office_code`` or ``agency_code`` "unknown".
    UsernameTakenError
        Another account has the user name.
    ForbiddenError
        ``by`` is not an administrator.
    BusyError
        Too many passwords are being hashed.
    """
    errors = [] if roles else [FieldError("roles", "missing")]
    form = read_account_form(core, username=username, password=password, phone=phone, language=language, errors=errors)
    with core.sessions() as session:
        actor_name(session, by)
    password_hash, now = core.passwords.hash(form.password), core.clock.now()
    with core.sessions.begin() as session:
        actor = actor_name(session, by)
        office = find_office(session, office_code)
        agency_code = find_agency(core, agency_code)
        account_id = insert_account(
            session,
            core,
            form,
            password_hash=password_hash,
            roles=roles,
            door=office.door if office else Door.HOME,
            office_id=office.id if office else None,
            agency_code=agency_code,
            phone_confirmed_at=now,
        )
        audit.append(
            session,
            at=now,
            actor=actor,
            action="staff.created",
            subject=str(account_id),
            account_id=by,
            details={
                "roles": sorted({role.value for role in roles}),
                "office": office_code,
                **({"agency": agency_code} if agency_code else {}),
            },
        )
    return account_id


def actor_name(session: Session, by: UUID | None) -> str:
    """Return the name of the administrator who acts, or of the command line (None); raises ForbiddenError."""
    if by is None:
        return SYSTEM
    return require(session.get(Account, by), Permission.MANAGE_STAFF).username


def find_office(session: Session, code: str | None) -> Office | None:
    """Find an office by its code, None by none; raises InvalidInputError."""
    if code is None:
        return None
    # A code that cannot be printed cannot be sent to PostgreSQL either, and no office has it.
    office = session.scalar(select(Office).where(Office.code == code)) if code.isprintable() else None
    if office is None:
        raise InvalidInputError([FieldError("office_code", "unknown")])
    return office


def find_agency(core: Core, code: str | None) -> str | None:
    """Return the code of an agency if the pack has it, None for none; raises InvalidInputError."""
    if code is not None and code not in {one.code for one in core.pack.agencies}:
        raise InvalidInputError([FieldError("agency_code", "unknown")])
    return code
