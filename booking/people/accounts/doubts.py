"""What is odd about a person who is added to a household, and is asked about once before it is believed."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.accounts.identity import Identity
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import HouseholdMember
from booking.platform.search.spelling import words_of

YOUNGEST_HOLDER: Final = 15
"""Whole years; someone younger may be meant as the child of whoever types."""


def refuse_doubtful(
    session: Session, core: Core, account_id: UUID, person_id: UUID, identity: Identity, relation: str
) -> None:
    """Ask once whether it is meant so.

    Raises
    ------
    InvalidInputError
        ``sure`` "same_name_and_day": another number of the household has this name and birth date. ``sure``
        "very_young_self": the holder of the account would be a child.
    """
    errors = []
    if _is_there_twice(session, account_id, person_id, identity):
        errors.append(FieldError("sure", "same_name_and_day"))
    if relation == "self" and _years(identity.born, core.today()) < YOUNGEST_HOLDER:
        errors.append(FieldError("sure", "very_young_self", years=YOUNGEST_HOLDER))
    if errors:
        raise InvalidInputError(errors[:1])


def _is_there_twice(session: Session, account_id: UUID, person_id: UUID, identity: Identity) -> bool:
    others = session.scalars(
        select(HouseholdMember).where(HouseholdMember.account_id == account_id, HouseholdMember.person_id != person_id)
    )
    words = words_of(identity.name)
    return any(other.birth_date == identity.born and words_of(other.name) == words for other in others)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
