"""Whom the law put first in a hall is forgotten after a month: that somebody was says something of their health."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, Update, select, update

from booking.country.core.core import Core
from booking.platform.models import Appointment, WalkIn

KEPT: Final = timedelta(days=30)
"""After the day in the hall; until then a supervisor who is asked about it can look."""
BATCH: Final = 5_000


def forget_priorities(core: Core) -> int:
    """Forget of appointments and tickets whose day is long over that the law put them first; return of how many."""
    before = core.clock.now() - KEPT
    booked = select(Appointment.id).where(Appointment.priority, Appointment.starts_at < before).limit(BATCH)
    tickets = select(WalkIn.id).where(WalkIn.priority, WalkIn.local_day < before.date()).limit(BATCH)
    return _forget(
        core,
        update(Appointment).where(Appointment.id.in_(booked.with_for_update(skip_locked=True))).values(priority=False),
    ) + _forget(
        core, update(WalkIn).where(WalkIn.id.in_(tickets.with_for_update(skip_locked=True))).values(priority=False)
    )


def _forget(core: Core, statement: Update) -> int:
    forgotten = 0
    while True:
        with core.sessions.begin() as session:
            done: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment] # an UPDATE has a count
            forgotten += done.rowcount
        if done.rowcount < BATCH:
            return forgotten
