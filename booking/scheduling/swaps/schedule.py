"""The exchange by schedule: what is due happens, and the next night is announced. Called every minute by a job.

What is kept of nights of the exchange: who stood behind a number goes, what everyone can check stays.

The files of a night name nobody, and its entries stay in the log; they are checked as before.
"""

from datetime import datetime, time, timedelta
from itertools import chain, count
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import case, cast, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from booking.country.core.core import Core
from booking.platform.base.errors import DrawRunningError, LoggedOtherwiseError
from booking.platform.models import Appointment, SwapEntry, SwapNight, SwapState, SwapWish
from booking.platform.models.states import AppointmentState
from booking.scheduling.swaps.errors import LateNightError
from booking.scheduling.swaps.nights import abandon, announce, close, is_given_up_in, is_too_late
from booking.scheduling.swaps.wish import end_wishes
from booking.transparency.log.log import logged_in

NIGHT_HOUR: Final = 1
"""The local hour of the country at which nights close: long after a draw's evening, and before a day begins."""
GIVEN_UP: Final = timedelta(hours=20)
"""After its closing a night that still is not decided makes room for the next one."""
_OPEN: Final = (SwapState.ANNOUNCED, SwapState.CLOSED)


def advance_swaps(core: Core, *, at_once: bool = False) -> list[str]:
    """Close and decide the night that is due, and announce the next one where none is ahead; repeating it is harmless.

    Parameters
    ----------
    at_once
        A night that was found damaged a moment ago is looked at again: somebody has mended it.

    Returns
    -------
    list of str
        What was done, as "x-2026-11-24 closed".
    """
    done = []
    with core.sessions() as session:
        night = session.scalar(select(SwapNight).where(SwapNight.state.in_(_OPEN)).order_by(SwapNight.closes_at))
    if night is not None and (night.state is SwapState.CLOSED or night.closes_at <= core.clock.now()):
        done.append(_advanced(core, night, at_once=at_once))
        with core.sessions() as session:
            night = session.scalar(select(SwapNight).where(SwapNight.state.in_(_OPEN)))
    if night is None:
        closes_at = next_night(core)
        reference = _name_of(core, closes_at)
        if reference is not None:
            done.append(f"{announce(core, reference=reference, closes_at=closes_at).reference} announced")
    return done


def _name_of(core: Core, closes_at: datetime) -> str | None:
    """Return the name of the night of a day, another one where the log has it already; None where it was announced.

    The log has more than the database where that was restored: a night has one announcement, one statement, one result.
    """
    day = f"x-{closes_at.astimezone(ZoneInfo(core.pack.country.time_zone)).date().isoformat()}"
    names = chain([day], (f"{day}-{number}" for number in count(2)))
    with core.sessions() as session:
        if session.scalar(select(SwapNight.id).where(SwapNight.reference.startswith(day))) is not None:
            return None
        return next(one for one in names if logged_in(session, "exchange_announcement", one) is None)


def next_night(core: Core) -> datetime:
    """Return when the next night closes: an hour away at least."""
    zone = ZoneInfo(core.pack.country.time_zone)
    earliest = core.clock.now() + timedelta(hours=1)
    day = earliest.astimezone(zone).date()
    days = (datetime.combine(day + timedelta(days=step), time(NIGHT_HOUR), zone) for step in range(2))
    return next(at for at in days if at >= earliest)


def _advanced(core: Core, night: SwapNight, *, at_once: bool) -> str:
    since = min(night.closes_at, night.closed_at or night.closes_at)
    late = core.clock.now() - since >= GIVEN_UP and not night.decided
    with core.sessions() as session:
        late = late or (not night.decided and is_given_up_in(session, night.reference))
    if late or (night.state is SwapState.ANNOUNCED and is_too_late(core, night)):
        return f"{night.reference} {abandon(core, night.reference).state}"
    from booking.scheduling.swaps.damaged import rests  # noqa: PLC0415 - compiler and solver, as `booking.scheduling.draws.schedule` does
    from booking.scheduling.swaps.decide import decide  # noqa: PLC0415 - as above

    if not at_once and rests(core, night):
        return f"{night.reference} waits: {night.waits_for}"
    try:
        close(core, night.reference)
    except DrawRunningError:
        return f"{night.reference} waits: draw"
    except (LateNightError, LoggedOtherwiseError):
        return f"{night.reference} {abandon(core, night.reference).state}"
    decided = decide(core, night.reference)
    return f"{night.reference} {f'waits: {decided.waits_for}' if decided.waits_for else decided.state}"


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
