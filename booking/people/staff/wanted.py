"""What a proposed change of staff wants: the form's fields, checked, sealed while they wait, and carried out."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.accounts.identity import Identity, note_identity
from booking.people.accounts.opening import AccountForm, read_account_form
from booking.people.staff import change
from booking.people.staff.create import NewColleague, create_in, matched
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.vault import Vault
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.base import Json
from booking.platform.models.states import Role

ACTIONS: Final[Mapping[StaffChangeKind, str]] = {
    StaffChangeKind.CREATE: "staff.created",
    StaffChangeKind.ROLES: "staff.roles",
    StaffChangeKind.PROVIDER: "staff.linked",
    StaffChangeKind.SECOND_FACTOR: "second_factor.reset",
    StaffChangeKind.OPEN: "staff.opened",
    StaffChangeKind.PERSON: "staff.bound",
}
"""What the audit log calls each change once it is made."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields of a form about a colleague; what a kind of change does not ask for stays empty."""

    username: str = ""
    phone: str = ""
    language: str = ""
    roles: tuple[Role, ...] = ()
    office_code: str | None = None
    agency_code: str | None = None
    subject: str = ""
    name: str = ""
    national_number: str = ""
    birth_date: str = ""


def seal(vault: Vault, change_id: UUID, wanted: Wanted) -> bytes:
    """Encrypt the fields, bound to their change."""
    filled: Json = {name: value for name in Wanted.__slots__ if (value := getattr(wanted, name))}
    return vault.encrypt(json.dumps(filled), _about(change_id))


def unseal(vault: Vault, change_id: UUID, sealed: bytes) -> Wanted:
    """Read sealed fields."""
    fields = json.loads(vault.decrypt(sealed, _about(change_id)))
    return Wanted(**fields | {"roles": tuple(map(Role, fields.get("roles", ())))})


def who_in(core: Core, kind: StaffChangeKind, wanted: Wanted) -> Identity | None:
    """Return the person that a change is about to bind, as the register knows them; None where it binds nobody.

    Raises
    ------
    InvalidInputError
        Fields are unusable, or the register knows no such person.
    RegisterAwayError
        The register does not answer.
    """
    if kind not in {StaffChangeKind.CREATE, StaffChangeKind.PERSON}:
        return None
    if kind is StaffChangeKind.CREATE:
        errors: list[FieldError] = []
        note_identity(
            core,
            errors,
            name=wanted.name,
            national_number=wanted.national_number,
            birth_date=wanted.birth_date,
        )
        _form(core, wanted, errors)  # all that is wrong with the form at once
    return matched(core, name=wanted.name, national_number=wanted.national_number, birth_date=wanted.birth_date)


def carry_out_in(
    session: Session,
    core: Core,
    kind: StaffChangeKind,
    wanted: Wanted,
    *,
    account_id: UUID | None,
    who: Identity | None,
    by: UUID,
    reason: str,
) -> UUID:
    """Make a change as the administrator ``by``; return the colleague's account.

    Raises
    ------
    MawidError
        What the verb of the kind refuses: see `booking.people.staff.change` and `booking.people.staff.create`.
    """
    if kind is StaffChangeKind.CREATE:
        return create_in(session, core, _new_colleague(core, wanted, who), by=by)
    if account_id is None:
        raise NotFoundError
    with change.changing_in(
        session, core, by=by, account_id=account_id, reason=reason, action=ACTIONS[kind]
    ) as under_way:
        match kind:
            case StaffChangeKind.ROLES:
                change.change_roles_in(
                    under_way, roles=wanted.roles, office_code=wanted.office_code, agency_code=wanted.agency_code
                )
            case StaffChangeKind.PROVIDER:
                change.link_provider_in(under_way, subject=wanted.subject)
            case StaffChangeKind.SECOND_FACTOR:
                change.reset_second_factor_in(under_way)
            case StaffChangeKind.OPEN:
                change.open_account_in(under_way)
            case StaffChangeKind.PERSON:
                if who is None:
                    raise NotFoundError
                change.bind_person_in(under_way, who=who)
    return account_id


def _new_colleague(core: Core, wanted: Wanted, who: Identity | None) -> NewColleague:
    return NewColleague(_form(core, wanted, []), wanted.roles, wanted.office_code, wanted.agency_code, who)


def _form(core: Core, wanted: Wanted, errors: list[FieldError]) -> AccountForm:
    if not wanted.roles:
        errors.append(FieldError("roles", "missing"))
    return read_account_form(
        core,
        username=wanted.username,
        password=secrets.token_urlsafe(32),  # of nobody: `create_in` keeps none
        phone=wanted.phone,
        language=wanted.language,
        errors=errors,
    )


def _about(change_id: UUID) -> str:
    return f"wanted of a change of staff {change_id}"
