"""What is known of people that prerequisites ask about: one place where registers and issued results come together."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.core.sealed import open_national_number
from booking.models import Person
from booking.models.states import Door
from booking.packs.fields import Residence
from booking.prerequisites.issued import held_by
from booking.prerequisites.people import Subject


def residence_behind(door: Door) -> Residence:
    """Return where someone lives who comes through a door."""
    return "expatriate" if door is Door.ABROAD else "resident"


def subjects(session: Session, core: Core, people: Iterable[Person], residence: Residence) -> list[Subject]:
    """Look people up, in their order; in the caller's session, as a wait for a second connection blocks others."""
    party, found = list(people), []
    issued = held_by(session, [person.id for person in party])
    for person in party:
        record = core.registry.lookup(open_national_number(core.vault, person))
        held = (*(record.held if record else ()), *issued.get(person.id, ()))
        found.append(Subject(person.birth_date, residence, record, held))
    return found
