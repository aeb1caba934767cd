"""What the law lets each one do, given the published shifts around: on a day made anew, and in a roster published."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.packs.roster import RosterSpec, ShiftSpec
from booking.desk.rosters.errors import RosterClashError
from booking.desk.rosters.rows import shifts_between
from booking.platform.models import Roster, RosterShift

A_DAY = timedelta(days=1)
AROUND = timedelta(days=14)
"""What is read on both sides for rests, days in a row and weeks."""


def allowed_on(
    session: Session, spec: RosterSpec, staff: Sequence[UUID], day: date, *, most: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return (staff × shifts) what keeps rests, days in a row, days off and the longest week on a day.

    Parameters
    ----------
    most
        Minutes a week that each one may work.
    """
    known = shifts_between(session, staff, day - AROUND, day + AROUND)
    others = [
        {on: shift for on, code in known.get(one, {}).items() if on != day and (shift := spec.shift(code)) is not None}
        for one in staff
    ]
    return np.array(
        [
            [_may(spec, around, day, shift, int(longest)) for shift in spec.shifts]
            for around, longest in zip(others, most, strict=True)
        ],
        np.bool_,
    ).reshape(len(staff), len(spec.shifts))


def require_lawful(session: Session, spec: RosterSpec, roster: Roster, first: date) -> None:
    """Refuse a roster that does not fit, from a day on, what was published around its weeks since it was made.

    Raises
    ------
    RosterClashError
        Somebody would have too short a rest, too many days in a row, too few days off or too long a week.
    """
    mine = session.execute(
        select(RosterShift.account_id, RosterShift.day, RosterShift.shift).where(RosterShift.roster_id == roster.id)
    ).all()
    last = roster.first_day + timedelta(days=7 * roster.weeks - 1)
    known = shifts_between(session, list({who for who, _, _ in mine}), first - AROUND, last + AROUND)
    everybody: dict[UUID, dict[date, ShiftSpec]] = {}
    for who, day, code in [*((who, day, code) for who, days in known.items() for day, code in days.items()), *mine]:
        if (shift := spec.shift(code)) is not None:
            everybody.setdefault(who, {})[day] = shift
    for who, day, _ in mine:
        others = dict(everybody.get(who, {}))
        shift = others.pop(day, None)
        if day >= first and shift is not None and not _may(spec, others, day, shift, spec.most_week_minutes):
            raise RosterClashError


def _may(spec: RosterSpec, others: Mapping[date, ShiftSpec], day: date, shift: ShiftSpec, longest: int) -> bool:
    before, after = others.get(day - A_DAY), others.get(day + A_DAY)
    if before is not None and before.minutes_until(shift) < spec.rest_minutes:
        return False
    if after is not None and shift.minutes_until(after) < spec.rest_minutes:
        return False
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    week = [others[sunday + timedelta(days=each)] for each in range(7) if sunday + timedelta(days=each) in others]
    if len(week) + 1 > 7 - spec.days_off or sum(one.paid_minutes for one in week) + shift.paid_minutes > longest:
        return False
    row, back, ahead = 1, day - A_DAY, day + A_DAY
    while back in others:
        row, back = row + 1, back - A_DAY
    while ahead in others:
        row, ahead = row + 1, ahead + A_DAY
    return row <= spec.days_in_a_row
