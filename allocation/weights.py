"""What a served unit is worth: strictly less along the line, more in a higher tier."""

import numpy as np
from numpy.typing import NDArray

from allocation.problem import NEUTRAL, Problem

WEIGHT_LIMIT = 1 << 38


class WeightsTooLargeError(ValueError):
    """The weights or costs of this problem do not fit into 64-bit arithmetic; nothing was computed."""


def weights(problem: Problem) -> NDArray[np.int64]:
    """Weight of one served unit of each request, int64 (n,): strictly decreasing along the line at one compensation.

    Compensation / 1000 times n · f^t rounded down + (places behind it in line), where t counts the tiers below its
    own. Inside a tier the first weighs less than twice the last, so a place is rarely left empty to please one
    person. With u the largest request, f = 2u + 1 makes one unit of a tier weigh more than any one whole request
    below it; where so many tiers do not fit into 64 bits, f is the largest number of quarters that does. For single
    units any strictly decreasing weights serve the same people (Edmonds 1971), so f is 1.

    Raises
    ------
    WeightsTooLargeError
        Even f = 1 does not fit; that takes very many requests.
    """
    n = problem.requests
    if n == 0:
        return np.empty(0, np.int64)
    behind = n - 1 - problem.order.astype(np.int64)
    largest = int(problem.units.max())
    _, below = np.unique(problem.tier, return_inverse=True)
    top = int(below.max()) if largest > 1 else 0
    quarters = _quarters(n, 2 * largest + 1, top)
    scale = [n * quarters**t // 4**t for t in range(top + 1)]
    highest = (scale[-1] + n) * int(problem.compensation.max())
    if highest // NEUTRAL * int(problem.units.sum(dtype=np.int64)) >= 1 << 62 or highest >= 1 << 62:
        raise WeightsTooLargeError(f"{n} requests in {top + 1} tiers overflow 64 bits")
    return (np.array(scale, np.int64)[np.minimum(below, top)] + behind) * problem.compensation // NEUTRAL


def _quarters(n: int, factor: int, top: int) -> int:
    """Return the largest f up to ``factor``, in quarters, for which n · f^top fits; four quarters always fit."""
    low, high = 4, 4 * factor
    while low < high:
        middle = (low + high + 1) // 2
        if n * middle**top // 4**top + n > WEIGHT_LIMIT:
            high = middle - 1
        else:
            low = middle
    return low
