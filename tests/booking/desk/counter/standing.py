"""A person without a phone at the counter, for tests."""

from uuid import UUID

from booking.country.core.core import Core
from booking.desk.counter.ask_for import ask_at_counter
from tests.support.country import a_typed_person, a_wish, an_origin


def a_counter_request(core: Core, clerk: UUID, *, number: str | None = None, born: str = "3/4/1950") -> str:
    """Ask for somebody at the clerk's counter; the reference."""
    person = a_typed_person(core, number=number, born=born)
    return ask_at_counter(core, officer_id=clerk, person=person, wish=a_wish(()), origin=an_origin("the counter"))
