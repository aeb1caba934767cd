"""What the law lets each one do on a day whose shifts are made anew, given the published shifts around it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import Roster, RosterShift
from booking.models.offices.roster import RosterState
from booking.packs.roster import RosterSpec, ShiftSpec

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
    rows = session.execute(
        select(RosterShift.account_id, RosterShift.day, RosterShift.shift)
        .join(Roster, Roster.id == RosterShift.roster_id)
        .where(
            Roster.state == RosterState.PUBLISHED,
            RosterShift.account_id.in_(staff),
            RosterShift.day.between(day - AROUND, day + AROUND),
        )
    )
    known: dict[UUID, dict[date, ShiftSpec]] = {}
    for account_id, on, code in rows:
        shift = spec.shift(code)
        if on != day and shift is not None:
            known.setdefault(account_id, {})[on] = shift
    return np.array(
        [
            [_may(spec, known.get(one, {}), day, shift, int(longest)) for shift in spec.shifts]
            for one, longest in zip(staff, most, strict=True)
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
