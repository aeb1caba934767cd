"""Who came into a hall today, in the caller's session, and by it who will still come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from allocation.hall.coming import by_law, comes_at_all, early
from allocation.hall.service_times import Minutes
from booking.country.catalogue.local_days import local_day, on_day
from booking.country.core.core import Core
from booking.platform.models import Appointment, Office, WalkIn
from booking.platform.models.states import AppointmentState

_BOOKED: Final = (
    AppointmentState.CONFIRMED,
    AppointmentState.CHECKED_IN,
    AppointmentState.SERVED,
    AppointmentState.NO_SHOW,
)


@dataclass(frozen=True, slots=True, eq=False)
class Today:
    """The tickets of the day, whatever became of them; and of who is not there yet, from who was.

    ``law`` is how likely the law puts them first, ``comes`` how likely they come, where they have an appointment, and
    ``early`` how many minutes before it (`allocation.hall.coming.early`).
    """

    tickets: Sequence[WalkIn]
    law: float
    comes: float
    early: Minutes


def came_today(session: Session, core: Core, office: Office, now: datetime) -> Today:
    """Return who came to an office today until now; of appointments those count of which nobody is waited for."""
    day, late = local_day(office, now), core.pack.country.counter.late
    tickets = session.scalars(select(WalkIn).where(WalkIn.office_id == office.id, WalkIn.local_day == day)).all()
    booked = session.execute(
        select(Appointment.starts_at, Appointment.checked_in_at, Appointment.priority).where(
            on_day(office, day), Appointment.state.in_(_BOOKED)
        )
    ).all()
    came = [one for one in booked if one.checked_in_at is not None]
    over = [one for one in booked if one.starts_at + late <= now]
    minutes = [
        (one.starts_at - one.checked_in_at).total_seconds() / 60 for one in over if one.checked_in_at is not None
    ]
    return Today(
        tickets=tickets,
        law=by_law(sum(one.priority for one in came) + sum(one.priority for one in tickets), len(came) + len(tickets)),
        comes=comes_at_all(len(minutes), len(over)),
        early=early(np.array(minutes)),
    )
