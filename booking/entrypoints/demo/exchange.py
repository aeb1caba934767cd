"""Some who have an appointment would rather have another one; a night of the exchange gives it to whom it can."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.country.core.core import Core
from booking.entrypoints.demo.progress import Steps
from booking.entrypoints.demo.timetable import Timetable
from booking.entrypoints.demo.witnesses import Witnesses
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import MawidError
from booking.platform.models import Appointment, Office, SwapState
from booking.platform.models.states import AppointmentState
from booking.scheduling.swaps.nights import announce, close
from booking.scheduling.swaps.wish import Choice, wish

STEP: Final = "A night of the exchange"
_WISH: Final = 0.4
"""The share of those with a confirmed appointment who would rather have another day."""
_SOONER: Final = 0.6
"""The share of them who would come sooner; the others later."""
_ELSEWHERE: Final = 2
"""Other offices that they would go to, where their own has nothing."""
_BEFORE: Final = timedelta(hours=1)


def play_night(
    core: Core,
    clock: SettableClock,
    witnesses: Witnesses,
    steps: Steps,
    timetable: Timetable,
    asked: Collection[str],
    *,
    seed: int,
) -> Mapping[str, int]:
    """Let some wish for another day, close a night after the first draw's offers ended, and decide it.

    Parameters
    ----------
    asked
        The references of requests, in the order of the play: the seed decides who wishes for what.

    Returns
    -------
    Mapping
        The figures of the night, as its page shows them.
    """
    from booking.scheduling.swaps.decide import decide  # noqa: PLC0415 - compiler and solver, as `booking.scheduling.draws.schedule` does

    closes = timetable.lapsed + _BEFORE
    reference = f"x-{closes.astimezone(ZoneInfo(core.pack.country.time_zone)).date().isoformat()}"
    with steps.step(STEP) as tell:
        clock.set(timetable.lapsed)
        announce(core, reference=reference, closes_at=closes)
        witnesses.look()
        wished = _wish(core, timetable, asked, seed)
        clock.set(closes)
        close(core, reference)
        witnesses.look_until(lambda: decide(core, reference).state is SwapState.DONE)
        figures: dict[str, int] = dict(decide(core, reference).figures)
        tell(0, {"wished": wished, "moved": figures["moved"]})
    return figures


def _wish(core: Core, timetable: Timetable, asked: Collection[str], seed: int) -> int:
    """Let some of those who asked wish for another day of their draw; return how many did."""
    rng = np.random.default_rng([seed, 17])
    held, offices = _held(core), _offices(core)
    wished = 0
    for reference in asked:
        wishes, sooner, *others = rng.random(2 + _ELSEWHERE)
        if reference not in held or wishes >= _WISH:
            continue
        one = held[reference]
        codes = offices[one.office.code]
        choices = [_another_day(one, timetable, sooner=sooner < _SOONER)]
        chosen = dict.fromkeys(codes[int(other * len(codes))] for other in others if codes)
        choices += [Choice(code, timetable.first_day, timetable.last_day) for code in chosen]
        try:
            wish(core, account_id=one.request.account_id, reference=one.reference, choices=choices)
        except MawidError:
            continue  # it is too near, or was booked at once
        wished += 1
    return wished


def _another_day(one: Appointment, timetable: Timetable, *, sooner: bool) -> Choice:
    """Return any time at the same office before the day of an appointment, or after it."""
    day, first, last = one.starts_at.date(), timetable.first_day, timetable.last_day
    if (sooner and day > first) or day >= last:
        return Choice(one.office.code, first, max(day - timedelta(days=1), first))
    return Choice(one.office.code, day + timedelta(days=1), last)


def _held(core: Core) -> Mapping[str, Appointment]:
    """Return confirmed appointments by the references of their requests."""
    with core.sessions() as session:
        found = session.scalars(
            select(Appointment)
            .where(Appointment.state == AppointmentState.CONFIRMED)
            .options(joinedload(Appointment.request))
        )
        return {one.request.reference: one for one in found}


def _offices(core: Core) -> Mapping[str, Sequence[str]]:
    """Return for each office the others behind the same door, by code."""
    with core.sessions() as session:
        offices = session.scalars(select(Office).where(Office.active).order_by(Office.code)).all()
        return {
            one.code: [other.code for other in offices if other.door is one.door and other is not one]
            for one in offices
        }
