"""Serve whole requests down the weights, each if it can be served beside all heavier ones where they are.

A larger request stays where it was put; requests of one unit make room for it by moving among the bins, along the
same paths as in ``split``. So whether a bin can take all units of a request is answered exactly. A bin that could take
only k units never takes more later (the rank of a matroid is submodular), nor does any bin from which the search
came to its end: they are not tried again for larger requests.
"""

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
