"""Accounts of those who work with Mawid: officers, analysts, administrators."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import SecondAdministratorNeededError
from booking.country.core.passwords import NOBODYS
from booking.country.core.permissions import Permission, require
from booking.people.accounts.identity import Identity
from booking.people.accounts.opening import AccountForm, insert_account, read_account_form
from booking.people.staff.person import bind_in, require_one_account_in
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account, Office
from booking.platform.models.states import Door, Role

SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class NewColleague:
    """What a new colleague's account is to be.

    Attributes
    ----------
    office_code
        Where an officer works; None for those of no office.
    agency_code
        Whose online cases a caseworker handles; None for those of no agency.
    who
        The person, as `booking.people.staff.person.matched` found them; None: nobody that the register knows.
    """

    form: AccountForm
    roles: Collection[Role]
    office_code: str | None
    agency_code: str | None
    who: Identity | None


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
    who: Identity | None = None,
) -> UUID:
    """Make an account with roles at the command line, on the record; its phone counts as confirmed.

    Parameters
    ----------
    by
        None, for the command line, whose user owns the server anyway. An administrator proposes an account instead:
        `booking.people.staff.propose`.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``roles`` "missing", ``office_code`` or ``agency_code`` "unknown".
    UsernameTakenError
        Another account has the user name.
    TwoRolesOnePersonError
        The person has another account whose roles do not go together with these.
    SecondAdministratorNeededError
        ``by`` is not None.
    BusyError
        Too many passwords are being hashed.
    """
    if by is not None:
        raise SecondAdministratorNeededError
    errors = [] if roles else [FieldError("roles", "missing")]
    form = read_account_form(core, username=username, password=password, phone=phone, language=language, errors=errors)
    password_hash = core.passwords.hash(form.password)
    with core.sessions.begin() as session:
        new = NewColleague(form, roles, office_code, agency_code, who)
        return create_in(session, core, new, by=None, password_hash=password_hash)


def create_in(
    session: Session, core: Core, new: NewColleague, *, by: UUID | None, password_hash: str = NOBODYS
) -> UUID:
    """Insert a colleague's account, by default one whose owner chooses the password with a code sent to the phone.

    Raises
    ------
    InvalidInputError
        There is no such office or agency.
    UsernameTakenError
        Another account has the user name.
    TwoRolesOnePersonError
        The person has another account whose roles do not go together with these.
    ForbiddenError
        ``by`` is not an administrator.
    """
    actor, now = actor_name(session, by), core.clock.now()
    office, agency_code = find_office(session, new.office_code), find_agency(core, new.agency_code)
    account_id = insert_account(
        session,
        core,
        new.form,
        password_hash=password_hash,
        roles=new.roles,
        door=office.door if office else Door.HOME,
        office_id=office.id if office else None,
        agency_code=agency_code,
        phone_confirmed_at=now,
    )
    roles = sorted({role.value for role in new.roles})
    if new.who is not None:
        bind_in(session, core, account_id, new.who, by=by)
    require_one_account_in(session, account_id, roles)
    agency = {"agency": agency_code} if agency_code else {}
    audit.append(
        session,
        at=now,
        actor=actor,
        action="staff.created",
        subject=str(account_id),
        account_id=by,
        details={"roles": roles, "office": new.office_code, "matched": new.who is not None, **agency},
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
