"""The short code by which a person at a counter shows that an account is theirs: it stands on their own page alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.accounts.codes import Purpose, keep_code, spend_code
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code, to be read out at a counter before it ends."""

    code: str
    ends_at: datetime


def show_counter_code(core: Core, *, account_id: UUID, member_id: int) -> ShownCode:
    """Make the code for one person of an account; an earlier one stops working.

    Raises
    ------
    NotFoundError
        The account has no such member.
    """
    with core.sessions.begin() as session:
        member = session.get(HouseholdMember, member_id)
        if member is None or member.account_id != account_id:
            raise NotFoundError
        code, ends_at = keep_code(
            session, core, account_id=account_id, purpose=Purpose.AT_COUNTER, subject=str(member_id)
        )
        return ShownCode(code, ends_at)


def whose_code_in(
    session: Session, core: Core, entries: Sequence[HouseholdMember], code: str, *, only_try: bool = False
) -> HouseholdMember | None:
    """Find which account's page shows a code for a person, in the caller's transaction; a right one is spent.

    A wrong one counts as a try of every account that shows one for this person, so the caller commits then too.

    Parameters
    ----------
    entries
        The person's entries in all households.
    only_try
        A right code is not spent yet; see `booking.people.accounts.codes.spend_code`.
    """
    for entry in entries:
        if spend_code(
            session,
            core,
            account_id=entry.account_id,
            purpose=Purpose.AT_COUNTER,
            subject=str(entry.id),
            code=code,
            only_try=only_try,
        ):
            return entry
    return None
