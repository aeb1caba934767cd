"""What opening an account has in common for citizens and staff: its fields, its row, finding it again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.sealed import seal_phone
from booking.country.packs.phone import normalise_phone
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, UsernameTakenError
from booking.platform.models import Account
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
