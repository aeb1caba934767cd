"""Accounts of those who work with Mawid: officers, analysts, administrators.

Which person a staff account is: matched with the register, kept sealed, and one account for one person.

One person may hold a clerk's and a caseworker's account, for offices and agencies meet at many counters. Any other two
roles in two accounts would make one person two pairs of eyes, or hide from each what the other did.

Breaking the glass: one person at the server's terminal does what two administrators should, and all hear of it.

Until there are two open administrators' accounts the terminal is the way to make them. From then on each use of it is
in the audit log before it happens, an event of its own for those who watch, and a notice to every administrator. One of
them may close the others' accounts alone, so those that were closed lately count, and are told, as if they were open.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import any_, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit, register
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, SecondAdministratorNeededError, TwoRolesOnePersonError, require
from booking.country.core.messages import tell_at_once
from booking.country.core.passwords import NOBODYS
from booking.country.core.register import Agreement, seal_national_number
from booking.people.accounts.household import known_person
from booking.people.accounts.identity import Identity, read_identity
from booking.people.accounts.opening import AccountForm, insert_account, read_account_form
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account, Office, StaffPerson
from booking.platform.models.accounts.person import IS_STAFF
from booking.platform.models.states import Door, Role

TOGETHER: Final = frozenset({Role.OFFICER, Role.CASEWORKER})
"""The roles that one person may hold in two accounts."""

_LOCK: Final = 0x7374616666  # "staff"


def matched(core: Core, *, name: str, national_number: str, birth_date: date | str) -> Identity:
    """Read who somebody is, and ask the register whether all of it is one living person.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``national_number`` "not_matched": the register knows no such person.
    RegisterAwayError
        The register does not answer.
    """
    who = read_identity(core, name=name, national_number=national_number, birth_date=birth_date)
    found = core.register.match(register.Identity(who.number, who.name, who.born))
    if found.person is not Agreement.YES:
        raise InvalidInputError([FieldError("national_number", "not_matched")])
    return who


def bind_in(session: Session, core: Core, account_id: UUID, who: Identity, *, by: UUID | None) -> None:
    """Keep whose account it is; an earlier binding is replaced."""
    person = known_person(session, core, seal_national_number(core.vault, who.number), who.born)
    bound = {"person_id": person.id, "bound_at": core.clock.now(), "bound_by": by}
    statement = insert(StaffPerson).values(account_id=account_id, **bound)
    session.execute(statement.on_conflict_do_update(index_elements=[StaffPerson.account_id], set_=bound))


def require_one_account_in(session: Session, account_id: UUID, roles: Collection[str]) -> None:
    """Check that the person of an account has no other open staff account that does not go together with these roles.

    Two who ask at once wait for each other until commit.

    Raises
    ------
    TwoRolesOnePersonError
        There is one, by national number or by phone.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    others = session.scalars(
        select(Account.roles).where(
            IS_STAFF,
            Account.id != account_id,
            Account.closed_at.is_(None),
            func.same_person(Account.id, account_id),
        )
    )
    if any(not TOGETHER.issuperset({*roles, *other} - {Role.CITIZEN}) for other in others):
        raise TwoRolesOnePersonError


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
        The person, as `booking.people.staff.create.matched` found them; None: nobody that the register knows.
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


LATELY: Final = timedelta(days=30)
"""How long an administrator whose account was closed still counts."""


def at_the_terminal(core: Core, *, what: str, about: str, reason: str, break_glass: bool) -> None:
    """Allow what one person is about to do at the terminal, and tell everybody where two could have done it.

    Parameters
    ----------
    what, about
        The command, and the user name that it is about.
    break_glass
        Whether the person said that they know that this is for two.

    Raises
    ------
    SecondAdministratorNeededError
        There are two administrators, and the glass is whole.
    InvalidInputError
        The glass is broken without a reason.
    """
    with core.sessions.begin() as session:
        rules = literal(Role.ADMINISTRATOR.value) == any_(Account.roles)
        counts = or_(Account.closed_at.is_(None), Account.closed_at > core.clock.now() - LATELY)
        administrators = session.scalars(select(Account.id).where(IS_STAFF, rules, counts)).all()
        if len(administrators) < 2:  # noqa: PLR2004 - nobody could confirm it
            return
        if not break_glass:
            raise SecondAdministratorNeededError
        details = {"what": what, "username": about, "reason": fields.words("reason", reason)}
        action = "staff.break_glass"
        audit.append(session, at=core.clock.now(), actor=SYSTEM, action=action, subject="staff", details=details)
        for account_id in administrators:
            tell_at_once(session, core, account_id, "break_glass")
