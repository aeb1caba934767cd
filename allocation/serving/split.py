"""Whom to serve, if the units of a request may be split between bins: exact, and the bound for whole requests.

The sets of units that can be served together are the independent sets of a transversal matroid. So walking down the
weights, and serving each unit that can be served beside all heavier ones, gives the largest weight; for requests of
one unit each it gives the lexicographically first set along the line, of the largest size (Edmonds 1971, "Matroids
and the greedy algorithm").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.serving.places import CLOSED, Hall, empty_hall, seat


@dataclass(frozen=True, eq=False)
class Split:
    """``units``: int16 (p,), served of each pair; ``prices``: int64 (m,), which prove that nothing is better."""

    units: NDArray[np.int16]
    prices: NDArray[np.int64]

    def rows(self, line: Line) -> NDArray[np.int64]:
        """Rows with at least one unit served, rising."""
        return np.unique(line.row_of_pairs(np.flatnonzero(self.units)))


def serve_split(line: Line) -> Split:
    """Serve units for the largest sum of weights.

    Notes
    -----
    The price of a bin is the weight of the row at whose turn it was closed, 0 if it stays open. These prices prove
    the optimum by complementary slackness: a request that sits in a bin is at least as heavy as its price; a cheaper
    bin that they accept would have been closed later, so a place in it could still have been reached when this
    one was closed; a request that is turned down accepts only bins that were closed by then, at their weight or more.
    """
    hall = empty_hall(line.start, line.bin, line.places)
    prices = np.zeros(line.bins, np.int64)
    _serve_split(hall, np.argsort(-line.weight, kind="stable"), line.weight, line.units, prices)
    return Split(hall.held, prices)


@compiled
def _serve_split(
    hall: Hall,
    turns: NDArray[np.int64],
    weight: NDArray[np.int64],
    units: NDArray[np.int64],
    prices: NDArray[np.int64],
) -> None:
    log = np.empty((64, 3), np.int64)
    for row in turns:
        left = units[row]
        while left > 0:
            seated, log = seat(hall, row, left, log)
            left -= max(0, seated)
            if seated < 0:
                for c in range(prices.size):
                    if hall.label[c] == CLOSED and prices[c] == 0:
                        prices[c] = weight[row]
            if seated <= 0:
                break


def price_bound(line: Line, prices: NDArray[np.int64]) -> int:
    """Upper bound on the objective of every plan, by weak duality: any non-negative prices give one.

    Selling all places at these prices, plus what each request gains over its cheapest bin per unit.
    """
    gain = np.maximum(line.weight - np.minimum(cheapest(line.start, line.bin, prices), line.weight), 0)
    # Python integers: the sum of products of 2^38 may exceed what a careless int64 sum shows
    return int(np.dot(line.places, prices)) + int(np.dot(line.units, gain))


@compiled
def cheapest(start: NDArray[np.int64], bins: NDArray[np.int32], prices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lowest price of the bins that each row accepts, int64 (n,); the largest integer where it accepts none."""
    lowest = np.full(start.size - 1, np.iinfo(np.int64).max)
    for row in range(lowest.size):
        for pair in range(start[row], start[row + 1]):
            lowest[row] = min(lowest[row], prices[bins[pair]])
    return lowest
