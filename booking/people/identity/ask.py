"""Whom a proof is about: the member as the register is asked about them, and the try that is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.register import Identity, open_national_number
from booking.country.core.security import Origin
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel


@dataclass(frozen=True, slots=True)
class Asked:
    """A member of an account as they were when the register was asked; ``helper``: the account is a helper's."""

    account_id: UUID
    member_id: int
    identity: Identity
    level: IdentityLevel
    helper: bool


def ask_about(core: Core, account_id: UUID, member_id: int) -> Asked:
    """Read whom a proof is about; raises NotFoundError, also for another account's member."""
    with core.sessions() as session:
        return read_asked(session, core, account_id, member_id)


def read_asked(session: Session, core: Core, account_id: UUID, member_id: int) -> Asked:
    """Do what `ask_about` does in the caller's session."""
    member = session.get(HouseholdMember, member_id)
    if member is None or member.account_id != account_id:
        raise NotFoundError
    number = open_national_number(core.vault, member.person)
    return Asked(
        account_id=account_id,
        member_id=member_id,
        identity=Identity(number, member.name, member.birth_date),
        level=member.level,
        helper=member.account.registered_helper,
    )


def charge_try(core: Core, asked: Asked, origin: Origin) -> None:
    """Count one try to prove; raises TooManyAttemptsError. No try counts against a number's owner."""
    person = about(asked.account_id, asked.identity.number)
    asker = str(origin.helper or asked.account_id)
    helper = asked.helper or origin.helper is not None
    charge(core, "prove", origin.subjects(account=asker, person=person), helper=helper)


def other_proven(core: Core, account_id: UUID, member_id: int) -> Sequence[HouseholdMember]:
    """List the proven people of a household but for one of it."""
    with core.sessions() as session:
        return session.scalars(
            select(HouseholdMember)
            .where(
                HouseholdMember.account_id == account_id,
                HouseholdMember.id != member_id,
                HouseholdMember.level.in_([level for level in IdentityLevel if level.reaches(IdentityLevel.PROVEN)]),
            )
            .order_by(HouseholdMember.id)
        ).all()
