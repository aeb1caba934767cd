"""What is known of people that prerequisites ask about: one place where registers and issued results come together."""

from collections.abc import Iterable

import structlog
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.core.known_facts import facts_of
from booking.core.register import Holding, RegisterAwayError
from booking.models import HouseholdMember
from booking.models.states import Door
from booking.packs.fields import Residence
from booking.prerequisites.issued import held_by
from booking.prerequisites.people import Subject

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def residence_behind(door: Door) -> Residence:
    """Return where someone lives who comes through a door."""
    return "expatriate" if door is Door.ABROAD else "resident"


def subjects(session: Session, core: Core, members: Iterable[HouseholdMember], residence: Residence) -> list[Subject]:
    """Look members up, in their order; in the caller's session, as a wait for a second connection blocks others.

    Of those who are not proven nothing is read: neither what registers know, nor what was issued to them here. A
    register that is away is as one that knows nothing.
    """
    party = list(members)
    issued = held_by(session, [member.person_id for member in party if member.is_proven])
    return [_subject(core, member, residence, issued.get(member.person_id, ())) for member in party]


def _subject(core: Core, member: HouseholdMember, residence: Residence, issued: tuple[Holding, ...]) -> Subject:
    try:
        record = facts_of(core, member)
    except RegisterAwayError:
        _log.warning("register_away")
        return Subject(member.birth_date, residence, None, issued, asked=False)
    held = (*(record.held if record else ()), *issued)
    return Subject(member.birth_date, residence, record, held, asked=member.is_proven)
