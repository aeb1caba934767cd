"""What the law lets each one do on a day whose shifts are made anew, given the published shifts around it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from booking.packs.roster import RosterSpec, ShiftSpec
from booking.rosters.rows import shifts_between

A_DAY = timedelta(days=1)
AROUND = timedelta(days=14)


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
