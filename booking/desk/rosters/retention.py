"""Who was absent on a day is forgotten after a month: what counts of a repair is which shifts it changed."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, cast, update
from sqlalchemy.dialects.postgresql import JSONB

from booking.country.core.core import Core
from booking.platform.models import RosterRepair
from booking.platform.models.offices.roster import RepairState

KEPT: Final = timedelta(days=30)
"""After the day: until then somebody may ask why their shift was another one."""


def forget_absences(core: Core) -> int:
    """Forget who was absent, and whose shift changed because of it, on days long over; return of how many repairs.

    How many counters there were stays, and the shifts as they were worked.
    """
    nobody = cast([], JSONB)
    over = RosterRepair.day < core.clock.now().date() - KEPT
    with core.sessions.begin() as session:
        done: CursorResult[Any] = session.execute(  # type: ignore[assignment] # an UPDATE has a count
            update(RosterRepair)
            .where(over, RosterRepair.absent != nobody)
            .values(absent=[], plan=RosterRepair.plan.op("-")("changes"))
        )
        session.execute(
            update(RosterRepair)
            .where(over, RosterRepair.state.in_([RepairState.ASKED, RepairState.PLANNED]))
            .values(state=RepairState.DROPPED, ended_at=core.clock.now())
        )
    return done.rowcount
