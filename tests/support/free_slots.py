"""What can be booked at once, for tests that need a place: of a few days, as all of a country are thousands of rows."""

from datetime import timedelta

from booking.country.core.core import Core
from booking.country.places.views import OpenSlot, open_slots
from booking.platform.models.states import Door

AHEAD = timedelta(days=5)
"""More days than any weekend with a holiday beside it has."""


def free_slots(
    core: Core, *, days: int = 3, units: int = 1, office: str = "damascus", door: Door = Door.HOME
) -> list[OpenSlot]:
    """List what can be booked at once from so many days ahead on, for some days."""
    earliest = core.clock.now() + timedelta(days=days)
    last = (earliest + AHEAD).date()
    with core.sessions() as session:
        return open_slots(session, door=door, units=units, now=earliest, office_code=office, last=last)
