"""What is known of people that prerequisites ask about: one place where registers and issued results come together."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.known_facts import facts_of_many
from booking.country.core.register import Holding, RegisterFacts
from booking.country.packs.fields import Residence
from booking.people.prerequisites.issued import held_by
from booking.people.prerequisites.people import Subject
from booking.platform.models import HouseholdMember
from booking.platform.models.states import Door

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def residence_behind(door: Door) -> Residence:
    """Return where someone lives who comes through a door."""
    return "expatriate" if door is Door.ABROAD else "resident"


def subjects(session: Session, core: Core, members: Iterable[HouseholdMember], residence: Residence) -> list[Subject]:
    """Look members up, in their order; in the caller's session, as a wait for a second connection blocks others.

    Of those who are not proven nothing is read: neither what registers know, nor what was issued to them here. A
    register that is away, or that ended the grant of somebody, is as one that was not asked.
    """
    party = list(members)
    known = look_up(session, core, party)
    return [known.subject(member, residence) for member in party]


@dataclass(frozen=True, slots=True)
class Known:
    """What registers, by a member's id, and we, by a person's, know of people; without those nobody answered about."""

    records: Mapping[int, RegisterFacts | None]
    issued: Mapping[UUID, tuple[Holding, ...]]

    def subject(self, member: HouseholdMember, residence: Residence) -> Subject:
        """Return one of those who were looked up, as prerequisites see them."""
        issued = self.issued.get(member.person_id, ()) if member.is_proven else ()
        if member.id not in self.records:
            return Subject(member.birth_date, residence, None, issued, asked=False)
        record = self.records[member.id]
        held = (*(record.held if record else ()), *issued)
        return Subject(member.birth_date, residence, record, held, asked=record is not None)


def look_up(session: Session, core: Core, members: Collection[HouseholdMember]) -> Known:
    """Look up many members with few questions, in the caller's session; see `subjects`. Nobody needs no question."""
    if not members:
        return Known({}, {})
    issued = held_by(session, [member.person_id for member in members if member.is_proven])
    records = facts_of_many(core, members)
    if len(records) < len({member.id for member in members}):
        _log.warning("register_away")
    return Known(records, issued)
