"""When and from where appointments were moved, by their office or by the exchange: for whoever showed them before."""

from sqlalchemy import func, select, union_all

from booking.platform.models.offices.closure import AppointmentMove
from booking.platform.models.requests.swap import SwapEntry, SwapNight, SwapOutcome

MOVED = union_all(
    select(
        AppointmentMove.appointment_id,
        AppointmentMove.from_office_id,
        AppointmentMove.from_starts_at,
        AppointmentMove.made_at,
    ),
    select(
        SwapEntry.appointment_id,
        SwapEntry.from_office_id,
        SwapEntry.from_starts_at,
        func.coalesce(SwapEntry.moved_at, SwapNight.done_at, func.now()),
    )
    .join(SwapNight, SwapNight.id == SwapEntry.night_id)
    .where(SwapEntry.outcome == SwapOutcome.MOVED),
).subquery("moved")
"""A row for each move: ``appointment_id``, ``from_office_id``, ``from_starts_at`` and ``made_at``.

``made_at`` is never before the move. Of moves of the exchange before it was kept it is the end of their night.
"""
