"""Requests of one unit each: the exact plan, in all goals at once.

The sets of requests that can be served together form a transversal matroid, so the greedy walk down the line
gives the lexicographically first set and it is also a largest one; any strictly decreasing positive weights give
the same set (Edmonds 1971, "Matroids and the greedy algorithm"). One lexicographic flow therefore finds it, and
then keeps exactly these people while it improves when and where they are served.
"""

import numpy as np
from numpy.typing import NDArray

from allocation.flow import bin_prices, goals, lexicographic
from allocation.line import Line


def assign_singles(line: Line) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Serve requests of one unit each.

    Returns
    -------
    bin_of_row, prices
        int64 (n,), -1 where not served; int64 (m,), the prices that prove the served set best.
    """
    levels = goals(line)
    flow = lexicographic(line, levels)
    bin_of_row = np.full(line.requests, -1, np.int64)
    used = np.flatnonzero(flow.units > 0)
    bin_of_row[line.row[used]] = line.bin[used]
    return bin_of_row, bin_prices(line, levels[0], flow)


def price_bound(line: Line, prices: NDArray[np.int64]) -> int:
    """Upper bound on the objective of every plan, by weak duality: any non-negative prices give one.

    Selling all places at these prices, plus what each request gains over its cheapest bin per unit.
    """
    cheapest = np.full(line.requests, np.iinfo(np.int64).max)
    np.minimum.at(cheapest, line.row, prices[line.bin])
    gain = np.maximum(line.weight - np.minimum(cheapest, line.weight), 0)
    # Python integers: the sum of products of 2^38 may exceed what a careless int64 sum shows
    return int(np.dot(line.places, prices)) + int(np.dot(line.units, gain))
