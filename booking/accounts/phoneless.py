"""A person without a phone: typed from the identity document, with an account to which nobody signs in."""

import secrets
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.household import is_theirs_alone, known_person
from booking.accounts.identity import Identity
from booking.accounts.opening import AccountForm, insert_account
from booking.base.errors import FieldError, InvalidInputError
from booking.core.core import Core
from booking.core.passwords import NOBODYS
from booking.core.sealed import seal_national_number
from booking.models import Account, HouseholdMember
from booking.models.states import Door, Role


def phoneless_account(session: Session, core: Core, door: Door, identity: Identity) -> tuple[UUID, int]:
    """Return the person's account without phone and their place in it, made where there is none.

    Raises
    ------
    InvalidInputError
        ``birth_date`` "does_not_match": the person is known with another one.
    """
    person = known_person(session, core, seal_national_number(core.vault, identity.number), identity.born)
    known = session.execute(
        select(Account.id, HouseholdMember.id)
        .join(HouseholdMember, HouseholdMember.account_id == Account.id)
        .where(Account.unclaimed, Account.phone_hash == b"", HouseholdMember.person_id == person.id)
        .limit(1)
    ).one_or_none()
    if person.birth_date != identity.born:
        if known is not None or not is_theirs_alone(session, person, person.id):
            raise InvalidInputError([FieldError("birth_date", "does_not_match")])
        person.birth_date = identity.born
    if known is not None:
        return known[0], known[1]
    form = AccountForm(f"person-{secrets.token_hex(8)}", "", "", core.settings.language.value)
    now = core.clock.now()
    account_id = insert_account(
        session, core, form, password_hash=NOBODYS, roles=(Role.CITIZEN,), door=door, phone_confirmed_at=now
    )
    account = session.get_one(Account, account_id)
    account.unclaimed, account.phone_ciphertext, account.phone_hash = True, b"", b""
    member = HouseholdMember(
        account_id=account_id, person_id=person.id, name=identity.name, relation="self", created_at=now
    )
    session.add(member)
    session.flush()
    return account_id, member.id
