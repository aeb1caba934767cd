"""What opening an account has in common for citizens and staff: its fields, its row, finding it again."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.passwords import NOBODYS
from booking.country.core.register import open_phone, seal_national_number, seal_phone
from booking.country.core.security import Origin
from booking.country.packs.phone import normalise_phone
from booking.people.accounts.codes import Purpose, charge_code, issue_code, spend_code
from booking.people.accounts.household import known_person, level_of
from booking.people.accounts.identity import Identity
from booking.platform.base import fields
from booking.platform.base.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    UsernameTakenError,
    WrongCodeError,
)
from booking.platform.models import Account, HouseholdMember
from booking.platform.models.states import Door, Role

_INSERT: Final = insert(Account).on_conflict_do_nothing(index_elements=[Account.username]).returning(Account.id)


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What a new account typed, checked and in stored form; ``password`` is still plain, so this is never kept."""

    username: str
    password: str
    phone: str
    language: str


def read_account_form(
    core: Core, *, username: str, password: str, phone: str, language: str, errors: list[FieldError]
) -> AccountForm:
    """Check the fields of a new account together with ``errors`` of the caller's own; raises InvalidInputError."""
    with fields.noted(errors):
        password = fields.password(password, username=username)
    with fields.noted(errors):
        username = fields.username(username)
        if read_phone_or_none(core, username) is not None:  # it may be somebody else's
            raise FieldError("username", "is_phone")
    with fields.noted(errors):
        phone = normalise_phone(fields.number("phone", phone), core.pack.country.phone_region)
    with fields.noted(errors):
        language = fields.language(language, core.languages)
    fields.raise_all(errors)
    return AccountForm(username, password, phone, language)


def insert_account(
    session: Session,
    core: Core,
    form: AccountForm,
    *,
    password_hash: str,
    roles: Collection[Role],
    door: Door,
    office_id: int | None = None,
    agency_code: str | None = None,
    phone_confirmed_at: datetime | None = None,
) -> UUID:
    """Insert an account and return its id; of two with one user name at once, one gets UsernameTakenError.

    ``password_hash`` is made before the transaction: it takes long on purpose.
    """
    sealed = seal_phone(core.vault, form.phone)
    account_id = uuid4()
    inserted = session.execute(
        _INSERT,
        {
            "id": account_id,
            "username": form.username,
            "password_hash": password_hash,
            "phone_ciphertext": sealed.ciphertext,
            "phone_hash": sealed.hash,
            "phone_confirmed_at": phone_confirmed_at,
            "language": form.language,
            "door": door,
            "roles": sorted({role.value for role in roles}),
            "office_id": office_id,
            "agency_code": agency_code,
            "registered_helper": False,
            "created_at": core.clock.now(),
        },
    )
    if inserted.one_or_none() is None:
        raise UsernameTakenError
    return account_id


def find_account(session: Session, username: str) -> Account | None:
    """Find an account by its stored user name (see `booking.platform.base.fields.known_username`)."""
    return session.scalar(select(Account).where(Account.username == username))


def find_by_name_or_phone(session: Session, core: Core, text: str) -> Account | None:
    """Find an account by its user name as somebody types it, or by a confirmed phone that it alone has.

    A phone comes first: else whoever takes somebody's number as a user name would keep them out.
    """
    phone = read_phone_or_none(core, text)
    if phone is not None:
        mine = accounts_of_phone(seal_phone(core.vault, phone).hash)
        found = session.scalars(mine.limit(2)).all()
        if len(found) == 1:
            return found[0]
    return find_account(session, fields.known_username(text))


def read_phone_or_none(core: Core, text: str) -> str | None:
    """Return the phone in E.164 that a text is; None where it is none, or has letters around one."""
    if any(map(str.isalpha, text)):
        return None
    try:
        return normalise_phone(fields.number("phone", text), core.pack.country.phone_region)
    except FieldError:
        return None


def accounts_of_phone(phone_hash: bytes) -> Select[Account]:
    """Select the open accounts whose confirmed phone this is, the oldest first."""
    return (
        select(Account)
        .where(Account.phone_hash == phone_hash, Account.phone_confirmed_at.is_not(None))
        .where(Account.closed_at.is_(None), Account.unclaimed.is_(False))
        .order_by(Account.created_at, Account.id)
    )


def register(
    core: Core, *, username: str, password: str, phone: str, language: str, door: Door, origin: Origin
) -> UUID:
    """Make a citizen's account and send a code to its phone; returns the account's id.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    UsernameTakenError
        Another account has the user name.
    TooManyAttemptsError
        Too many accounts were opened from this network or device, or for this phone.
    TooManyCodesError
        Too many codes were sent to this phone, its range, from this network or device, or in all.
    BusyError
        Too many passwords are being hashed.
    """
    form = read_account_form(core, username=username, password=password, phone=phone, language=language, errors=[])
    charge(core, "register", origin.subjects(phone=form.phone))
    charge_code(core, origin=origin, phone=form.phone)
    password_hash = core.passwords.hash(form.password)
    with core.sessions.begin() as session:
        account_id = insert_account(session, core, form, password_hash=password_hash, roles=(Role.CITIZEN,), door=door)
        issue_code(session, core, account_id=account_id, purpose=Purpose.CONFIRM_PHONE)
    return account_id


def confirm_phone(core: Core, *, account_id: UUID, code: str) -> None:
    """Confirm the account's phone with the code that was sent; nothing happens when it is already confirmed.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often. The try is counted.
    """
    with core.sessions.begin() as session:
        account = session.get(Account, account_id, with_for_update=True)
        if account is None:
            raise NotFoundError
        if account.phone_confirmed_at is not None:
            return
        right = spend_code(session, core, account_id=account_id, purpose=Purpose.CONFIRM_PHONE, code=code)
        if right:
            account.phone_confirmed_at = core.clock.now()
    if not right:
        raise WrongCodeError


def resend_code(core: Core, *, account_id: UUID, origin: Origin) -> None:
    """Send a new code to confirm the phone; the one before stops working. Nothing is sent once it is confirmed.

    Raises
    ------
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all.
    """
    with core.sessions() as session:
        account = session.get(Account, account_id)
    if account is None:
        raise NotFoundError
    if account.phone_confirmed_at is not None:
        return
    charge_code(core, origin=origin, phone=open_phone(core.vault, account), account=str(account_id))
    with core.sessions.begin() as session:
        issue_code(session, core, account_id=account_id, purpose=Purpose.CONFIRM_PHONE)


def phoneless_account(
    session: Session, core: Core, door: Door, identity: Identity, *, matched: bool
) -> tuple[UUID, int]:
    """Return the person's account without phone and their place in it, made where there is none.

    What is typed now stands in place of what was typed before, until somebody proved that.

    Parameters
    ----------
    matched
        The register says that all of the identity is one living person.

    Raises
    ------
    InvalidInputError
        ``birth_date`` "does_not_match": the person is proven in this account, with another one.
    """
    person = known_person(session, core, seal_national_number(core.vault, identity.number), identity.born)
    known = session.scalars(
        select(HouseholdMember)
        .join(Account, Account.id == HouseholdMember.account_id)
        .where(Account.unclaimed, Account.phone_hash == b"", HouseholdMember.person_id == person.id)
        .limit(1)
    ).one_or_none()
    if matched:
        person.birth_date = identity.born
    if known is not None:
        if known.is_proven and known.birth_date != identity.born:
            raise InvalidInputError([FieldError("birth_date", "does_not_match")])
        if not known.is_proven:
            known.name, known.typed_birth_date = identity.name, identity.born
            known.level = level_of(matched=matched)
        return known.account_id, known.id
    form = AccountForm(f"person-{secrets.token_hex(8)}", "", "", core.settings.language)
    now = core.clock.now()
    account_id = insert_account(
        session, core, form, password_hash=NOBODYS, roles=(Role.CITIZEN,), door=door, phone_confirmed_at=now
    )
    account = session.get_one(Account, account_id)
    account.unclaimed, account.phone_ciphertext, account.phone_hash = True, b"", b""
    member = HouseholdMember(
        account_id=account_id,
        person_id=person.id,
        name=identity.name,
        relation="self",
        created_at=now,
        typed_birth_date=identity.born,
        level=level_of(matched=matched),
    )
    session.add(member)
    session.flush()
    return account_id, member.id
