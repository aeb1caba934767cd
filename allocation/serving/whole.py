"""Serve whole requests down the weights, each if it can be served beside all heavier ones where they are.

A larger request stays where it was put; requests of one unit make room for it by moving among the bins, along the
same paths as in ``split``. So whether a bin can take all units of a request is answered exactly. A bin that could take
only k units never takes more later (the rank of a matroid is submodular), nor does any bin from which the search
came to its end: they are not tried again for larger requests.

Whom to serve, if the units of a request may be split between bins: exact, and the bound for whole requests.

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
from allocation.serving.places import CLOSED, Hall, empty_hall, make_room, seat, take_back


def serve_whole(line: Line, cost: NDArray[np.int64]) -> NDArray[np.int32]:
    """Serve requests whole, in the order of their weights.

    Parameters
    ----------
    line
        Requests and bins.
    cost
        int64 (p,): a larger request takes the bin that costs it least among those that can take it.

    Returns
    -------
    NDArray[np.int32]
        (n,), the bin of each row, -1 where it is not served.
    """
    hall = empty_hall(line.start, line.bin, line.places)
    bin_of_row = np.full(line.requests, -1, np.int32)
    _serve_whole(hall, np.argsort(-line.weight, kind="stable"), line.units, cost, bin_of_row)
    single = np.flatnonzero(hall.held)
    bin_of_row[line.row_of_pairs(single)] = line.bin[single]
    return bin_of_row


@compiled
def _serve_whole(
    hall: Hall,
    turns: NDArray[np.int64],
    units: NDArray[np.int64],
    cost: NDArray[np.int64],
    bin_of_row: NDArray[np.int32],
) -> None:
    log = np.empty((64, 3), np.int64)
    takes = np.full(hall.room.size, np.iinfo(np.int64).max)  # units that a bin can take at most, as far as is known
    tried = np.full(hall.room.size, -1, np.int64)
    for row in turns:
        if units[row] == 1:
            _, log = seat(hall, row, 1, log)
            continue
        while True:
            best = -1
            for pair in range(hall.start[row], hall.start[row + 1]):
                b = hall.bins[pair]
                if hall.label[b] == CLOSED or takes[b] < units[row] or tried[b] == row:
                    continue
                if best < 0 or cost[pair] < cost[best]:
                    best = pair
            if best < 0:
                break
            tried[hall.bins[best]] = row
            done, log = _take(hall, hall.bins[best], units[row], takes, log)
            if done:
                bin_of_row[row] = hall.bins[best]
                break


@compiled
def _take(
    hall: Hall, b: int, units: int, takes: NDArray[np.int64], log: NDArray[np.int64]
) -> tuple[bool, NDArray[np.int64]]:
    """Take so many units into a bin for good, moving single requests away; all or nothing."""
    if hall.room[b] >= units:
        hall.room[b] -= units
        return True, log
    label, at_label = hall.label.copy(), hall.at_label.copy()
    moves = 0
    for taken in range(units):
        hall.room[b] -= 1
        done, log, moves = make_room(hall, b, log, moves)
        if done:
            continue
        for c in range(label.size):
            if hall.label[c] == CLOSED and label[c] != CLOSED:
                takes[c] = min(takes[c], taken)
        take_back(hall, log, moves)
        hall.room[b] += taken + 1
        hall.label[:] = label
        hall.at_label[:] = at_label
        return False, log
    return True, log


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
