"""A person without a phone: typed from the identity document, with an account to which nobody signs in."""

import secrets
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.passwords import NOBODYS
from booking.country.core.sealed import seal_national_number
from booking.people.accounts.household import known_person, level_of
from booking.people.accounts.identity import Identity
from booking.people.accounts.opening import AccountForm, insert_account
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account, HouseholdMember
from booking.platform.models.states import Door, Role


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
