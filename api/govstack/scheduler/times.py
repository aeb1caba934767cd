"""Times that can be booked at once at an office, in a period."""

from datetime import datetime, timedelta
from typing import Final

from api.govstack.scheduler.query import QUERY
from booking.country.core.core import Core
from booking.country.places.views import MOST_SLOTS, OpenSlot, open_slots
from booking.platform.base.errors import FieldError
from booking.platform.models import Office, Service

_A_DAY: Final = timedelta(days=1)
"""What an office's day may be off from the day in UTC."""


def free_times(
    core: Core, office: Office, service: Service, first: datetime | None, last: datetime | None, *, place: str
) -> list[OpenSlot]:
    """Return the times that touch the period from ``first`` to ``last``, earliest first.

    Parameters
    ----------
    place
        The field that bounds the period, for who asks for too much.

    Raises
    ------
    FieldError
        There are more than one answer holds: a shorter period has to be asked for, for none is cut off.
    """
    slots = core.read_older(
        lambda session: open_slots(
            session,
            door=office.door,
            units=service.units,
            now=core.clock.now(),
            office_code=office.code,
            first=(first - _A_DAY).date() if first else None,
            last=(last + _A_DAY).date() if last else None,
        )
    )
    if len(slots) >= MOST_SLOTS:
        raise FieldError(f"{QUERY}.{place}", "too_many")
    return [
        slot for slot in slots if (first is None or slot.ends_at > first) and (last is None or slot.starts_at < last)
    ]
