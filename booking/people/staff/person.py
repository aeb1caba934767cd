"""Which person a staff account is: matched with the register, kept sealed, and one account for one person.

One person may hold a clerk's and a caseworker's account, for offices and agencies meet at many counters. Any other two
roles in two accounts would make one person two pairs of eyes, or hide from each what the other did.
"""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import register
from booking.country.core.core import Core
from booking.country.core.four_eyes import TwoRolesOnePersonError
from booking.country.core.register import Agreement
from booking.country.core.sealed import seal_national_number
from booking.people.accounts.household import known_person
from booking.people.accounts.identity import Identity, read_identity
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account, StaffPerson
from booking.platform.models.accounts.person import IS_STAFF
from booking.platform.models.states import Role

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
