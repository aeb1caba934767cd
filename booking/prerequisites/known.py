"""What is known of people that prerequisites ask about: one place where registers and issued results come together."""

from collections.abc import Iterable

from booking.core import Core
from booking.models import Person
from booking.packs.fields import Residence
from booking.prerequisites.people import Subject
from booking.sealed import open_national_number
from booking.states import Door


def residence_behind(door: Door) -> Residence:
    """Say where someone lives who comes through a door."""
    return "expatriate" if door is Door.ABROAD else "resident"


def subjects(core: Core, people: Iterable[Person], residence: Residence) -> list[Subject]:
    """Look people up, in their order."""
    found = []
    for person in people:
        record = core.registry.lookup(open_national_number(core.vault, person))
        found.append(Subject(person.birth_date, residence, record, record.held if record else ()))
    return found
