"""Whether two staff accounts are two people: wherever a second one must agree, persons are compared and not logins.

One person are two accounts of one national number, or of one phone: whoever holds a phone can choose the passwords of
all its accounts anew. Triggers ask the same function (`migrations/guards_0006.sql`).
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import MawidError
from booking.platform.base.settings import Environment
from booking.platform.models import StaffPerson


class SecondAdministratorNeededError(MawidError):
    """Two administrators make this change: one proposes it, and another person confirms it."""

    code = "second_administrator_needed"


class ChangeOverError(MawidError):
    """The proposed change was decided already, or waited for too long; propose it again."""

    code = "change_over"


class TwoRolesOnePersonError(MawidError):
    """The person, or the phone, has another open staff account whose roles do not go together with these."""

    code = "two_roles_one_person"


def is_same_person(session: Session, one: UUID | None, other: UUID | None) -> bool:
    """Return whether two accounts are of one person; False where one of them is nobody."""
    if one is None or other is None:
        return False
    return bool(session.scalar(select(func.same_person(one, other))))


def may_be_second(session: Session, core: Core, second: UUID, first: UUID | None) -> bool:
    """Return whether ``second`` may agree with what ``first`` began; None: nobody, or the system, began it.

    In production both must be bound to a person: of a login that nobody was matched with, nobody can say that it is
    somebody else's.
    """
    if first is None:
        return True
    if is_same_person(session, second, first):
        return False
    if core.settings.environment is not Environment.PRODUCTION:
        return True
    bound = session.scalar(select(func.count()).where(StaffPerson.account_id.in_([second, first])))
    return bound == 2  # noqa: PLR2004 - two people
