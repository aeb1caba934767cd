"""A day of a roster on which somebody does not come, as a question to `repair`: what the law still lets each one do."""

from collections.abc import Collection

import numpy as np

from allocation.rostering.repair import Repaired, Today, outcome
from allocation.rostering.roster import FREE, broken
from allocation.rostering.weeks import Flags, Weeks, Whole


def morning(weeks: Weeks, shift: Whole, day: int, *, absent: Collection[int], booked: Whole) -> Today:
    """Return the day before it begins.

    Parameters
    ----------
    shift
        (staff × days) the published roster.
    absent
        Rows of staff who do not come.
    booked
        (blocks) counters that the appointments of the day need.

    Raises
    ------
    ValueError
        The roster breaks the law already, so what may be changed in it cannot be told.
    """
    if found := broken(weeks, shift):
        raise ValueError(f"the roster breaks the law: {', '.join(found)}")
    return Today(
        shifts=weeks.shifts,
        shift=shift[:, day],
        absent=np.isin(np.arange(weeks.people), list(absent)),
        allowed=_allowed(weeks, shift, day),
        skills=weeks.staff.skills,
        booked=booked,
        needs=weeks.needs[day],
    )


def unrepaired(today: Today) -> Repaired:
    """Return what comes of the day where nobody works otherwise because of who is absent."""
    return outcome(today, np.where(today.absent, FREE, today.shift))


def _allowed(weeks: Weeks, shift: Whole, day: int) -> Flags:
    """Return (staff × shifts) which other shifts of this day keep the law, whatever others get."""
    allowed = np.zeros((weeks.people, len(weeks.shifts.paid)), np.bool_)
    tried = shift.copy()
    for who in np.flatnonzero(weeks.staff.may[:, day]).tolist():
        for kind in range(allowed.shape[1]):
            tried[who, day] = kind
            allowed[who, kind] = not broken(weeks, tried)
        tried[who, day] = shift[who, day]
    return allowed
