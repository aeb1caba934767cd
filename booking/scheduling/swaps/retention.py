"""What is kept of nights of the exchange: who stood behind a number goes, what everyone can check stays.

The files of a night name nobody, and its entries stay in the log; they are checked as before.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import case, cast, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from booking.country.core.core import Core
from booking.platform.models import Appointment, SwapEntry, SwapNight, SwapState, SwapWish
from booking.platform.models.states import AppointmentState
from booking.scheduling.swaps.rows import end_wishes

KEPT: Final = timedelta(days=90)
"""After a night's closing: as long its holders can check what it did for them."""
AFTER_THE_DAY: Final = timedelta(days=30)
"""After the days between which somebody was moved: passes of both are known until then."""
_NOTHING: Final = cast({}, JSONB)


def forget_nights(core: Core) -> int:
    """Remove who took part in old nights, and which places stood behind their numbers; return how many entries went.

    Wishes of appointments that ended go too, also where no night closes any more. Of a night that was given up
    its file goes as well: nobody was ever shown it.
    """
    now = core.clock.now()
    _forget_wishes(core)
    with core.sessions.begin() as session:
        over = (SwapNight.closes_at < now - KEPT, SwapNight.state.in_([SwapState.DONE, SwapState.ABANDONED]))
        seen = now - AFTER_THE_DAY
        went = session.execute(
            delete(SwapEntry).where(
                SwapEntry.night_id.in_(select(SwapNight.id).where(*over)),
                SwapEntry.from_starts_at < seen,
                or_(SwapEntry.to_starts_at.is_(None), SwapEntry.to_starts_at < seen),
            )
        )
        bare = (*over, SwapNight.places != _NOTHING, ~exists().where(SwapEntry.night_id == SwapNight.id))
        session.execute(
            update(SwapNight)
            .where(*bare)
            .values(places={}, inputs=case((SwapNight.state == SwapState.DONE, SwapNight.inputs)))
        )
    return went.rowcount  # type: ignore[attr-defined, no-any-return] # a DELETE has a count


def _forget_wishes(core: Core) -> None:
    """Remove wishes of appointments that ended; what a holder or a night has locked is left for the next night."""
    ended = (
        select(SwapWish.appointment_id)
        .join(Appointment, Appointment.id == SwapWish.appointment_id)
        .where(SwapWish.night_id.is_(None), Appointment.state != AppointmentState.CONFIRMED)
        .with_for_update(of=SwapWish, skip_locked=True)
    )
    with core.sessions.begin() as session:
        end_wishes(session, core, SwapWish.appointment_id.in_(ended))
