"""Take a pseudonym back: which request an analyst's case is. For administrators, with a reason, on the record."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.export.tables import Pseudonyms
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.fields import noted, raise_all
from booking.platform.models import Account, HouseholdMember, Request, RequestMember

SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Identified:
    """Whose case it is: the request's reference, the names that its account typed, and the account's user name."""

    case: str
    reference: str
    people: tuple[str, ...]
    username: str


def reidentify(core: Core, *, by: UUID, case: str, reason: str) -> Identified:
    """Find the request of a case; the audit log knows it before anybody sees it.

    Raises
    ------
    ForbiddenError
        ``by`` is not an administrator.
    InvalidInputError
        ``case`` cannot be read or is not one of ours, or ``reason`` is missing, too short or too long.
    """
    errors: list[FieldError] = []
    request_id, why = None, reason.strip()
    with noted(errors):
        request_id = Pseudonyms(core.vault).request_of(case)
    if not why:
        errors.append(FieldError("reason", "missing"))
    elif len(why) < SHORTEST_REASON:
        errors.append(FieldError("reason", "too_short", min=SHORTEST_REASON))
    elif len(why) > LONGEST_REASON:
        errors.append(FieldError("reason", "too_long"))
    with core.sessions.begin() as session:
        administrator = require(session.get(Account, by), Permission.REIDENTIFY)
        raise_all(errors)
        request = session.get(Request, request_id)
        if request is None:
            raise InvalidInputError([FieldError("case", "invalid")])
        people = session.scalars(
            select(HouseholdMember.name)
            .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
            .where(RequestMember.request_id == request.id, HouseholdMember.account_id == request.account_id)
            .order_by(RequestMember.position)
        ).all()
        audit.record(
            session, core, administrator, "case.reidentified", request.reference, case=case.strip(), reason=why
        )
        owner = session.get_one(Account, request.account_id)
        return Identified(case.strip(), request.reference, tuple(people), owner.username)
