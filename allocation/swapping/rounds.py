"""The outcome of a night once more, by other code: all who have nothing yet apply at once, round by round.

For whoever checks a night. It shares nothing with `allocation.swapping.in_line`, and is slower.
"""

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import NOBODY_WAITS, Night


def exchange_in_rounds(night: Night) -> list[int]:
    """Return the kind that each holder has afterwards, as the rule says it, with everybody looked at in each round."""
    step, last = night.wish_start[:-1].copy(), night.wish_start[1:]
    wishes = np.append(night.wishes, 0)  # where nobody has more wishes, a number that is not used
    while True:
        applied = np.where(step < last, wishes[step], night.holds)
        turned_away = _turned_away(night, applied)
        if not turned_away.any():
            return [int(kind) for kind in applied]
        step[turned_away] += 1


def _turned_away(night: Night, applied: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return who is not kept where they apply, bool (holders,): first each kind looks at its own, then each circle."""
    held = np.bincount(night.holds, minlength=night.kinds)
    circle, home = night.circle[applied], night.circle[night.holds]
    elsewhere = (circle != NOBODY_WAITS) & (circle != home)
    stands = np.lexsort((night.order, elsewhere, applied != night.holds))
    away = np.zeros(night.holders, np.bool_)
    away[_behind(stands, applied, night.free + held)] = True
    kept = stands[~away[stands] & (circle[stands] != NOBODY_WAITS)]
    seats = np.bincount(home[home != NOBODY_WAITS], minlength=int(night.circle.max(initial=0)) + 1)
    away[_behind(kept, circle, seats)] = True
    return away


def _behind(line: NDArray[np.intp], group: NDArray[np.int32], room: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return those of a line who stand behind the last for whom their group has room."""
    rows = line[np.argsort(group[line], kind="stable")]
    groups = group[rows]
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    place = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    return rows[place >= room[groups]]
