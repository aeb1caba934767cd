"""Whether one party sits where it may: slots that its bin has, whole, where it wished to be."""

from collections.abc import Sequence

import numpy as np

from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import Bin, Seat
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import build_problem


def sits_well(leaf: Leaf, bins: Sequence[Bin], number: int, seat: Seat) -> bool:
    """Return whether a party sits in free places of touching slots of a bin that exists, whole, as it wished."""
    if not seat or number >= len(bins):
        return False
    each = bins[number]
    first, units = seat[0][0], tuple(taken for _, taken in seat)
    start = each.slots.index(first) if first in each.slots else len(each.slots)
    free = each.free[start : start + len(units)]
    if len(free) < len(units) or any(taken > most for taken, most in zip(units, free, strict=True)):
        return False
    return sum(units) == leaf.wish.units and build_problem(Asked.of([leaf]), [each], np.zeros(1, np.int32)).pairs > 0
