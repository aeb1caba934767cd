"""Units of requests for which there are too few places: who is in whose way.

Bins that chains of moves reach from a unit left over are full, and all who sit there accept only bins among them.
"""

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.explaining.chains import BITS, mark_moves
from allocation.serving.places import Hall, enter, leave, seat


@compiled
def serve(hall: Hall, units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Serve as many units as possible, and give how many of each request are left over."""
    left = units.copy()
    log = np.empty((64, 3), np.int64)
    for row in range(units.size):
        while left[row] > 0:
            seated, log = seat(hall, row, left[row], log)
            if seated <= 0:
                break
            left[row] -= seated
    return left


@compiled
def bins_reached(hall: Hall) -> NDArray[np.int64]:
    """Return the set of bins that chains reach from each bin, itself included, int64 (m, w), as bits of w words."""
    m = hall.room.size
    moves = np.zeros((m, m // BITS + 1), np.int64)
    for b in range(m):
        mark_moves(hall, b, moves[b])
    reach = np.zeros_like(moves)
    waiting = np.empty(m, np.int64)
    for b in range(m):
        reach[b, b // BITS] |= 1 << b % BITS
        waiting[0], count = b, 1
        while count > 0:
            count -= 1
            source = waiting[count]
            for word in range(moves.shape[1]):
                new = moves[source, word] & ~reach[b, word]
                reach[b, word] |= new
                c = word * BITS
                while new:
                    if new & 1 and c < b:  # known already
                        reach[b] |= reach[c]
                    elif new & 1:
                        waiting[count] = c
                        count += 1
                    new >>= 1
                    c += 1
    return reach


@compiled
def with_fewest_places(hall: Hall, left_over: NDArray[np.int64], reach: NDArray[np.int64]) -> int:
    """Return the row from which chains reach the fewest places; all that they reach are full."""
    best, fewest = -1, 0
    for row in left_over:
        bins = np.zeros(reach.shape[1], np.int64)
        for pair in range(hall.start[row], hall.start[row + 1]):
            bins |= reach[hall.bins[pair]]
        places = 0
        for word in range(bins.size):
            left, b = bins[word], word * BITS
            while left:
                if left & 1:
                    places += hall.first[b + 1] - hall.first[b] - 1
                left >>= 1
                b += 1
        if best < 0 or places < fewest:
            best, fewest = row, places
    return best


@compiled
def reached(hall: Hall, row: int) -> NDArray[np.bool_]:
    """Mark the row and everyone in the bins that chains reach from it, bool (k,)."""
    rows, found = np.empty(hall.start.size - 1, np.int64), 1
    marked, seen = np.zeros(rows.size, np.bool_), np.zeros(hall.room.size, np.bool_)
    rows[0], marked[row] = row, True
    at = 0
    while at < found:
        for pair in range(hall.start[rows[at]], hall.start[rows[at] + 1]):
            b = hall.bins[pair]
            if seen[b]:
                continue
            seen[b] = True
            for place in range(hall.first[b], hall.first[b] + hall.members[b]):
                other = hall.member_row[place]
                if not marked[other]:
                    marked[other] = True
                    rows[found] = other
                    found += 1
        at += 1
    return marked


@compiled
def leave_out(
    hall: Hall, units: NDArray[np.int64], left: NDArray[np.int64], turns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Try each row's absence in turn, and give those that are needed for something to be left over, bool (k,)."""
    needed = np.ones(units.size, np.bool_)
    for row in turns:
        if not needed[row]:
            continue
        for pair in range(hall.start[row], hall.start[row + 1]):
            while hall.held[pair] > 0:
                leave(hall, pair)
        needed[row] = False
        over = -1
        for other in range(units.size):
            while needed[other] and left[other] > 0 and over < 0:
                if _seat(hall, other):
                    left[other] -= 1
                else:
                    over = other
        if over >= 0:  # a conflict remains without this row, among those that chains reach
            needed = reached(hall, over)
            continue
        needed[row] = True
        left[row] = units[row]
        while left[row] > 0 and _seat(hall, row):
            left[row] -= 1
    return needed


@compiled
def _seat(hall: Hall, row: int) -> bool:
    """Seat one more unit of a row by the shortest chain of moves to a free place; False where no chain reaches one."""
    m = hall.room.size
    queue, found = np.empty(m, np.int64), 0
    # for each bin reached: who would move into it, the pair entered, and the pair left, -1 for the new unit itself
    mover, entered, left = np.full(m, -1), np.empty(m, np.int64), np.empty(m, np.int64)
    for pair in range(hall.start[row], hall.start[row + 1]):
        b = hall.bins[pair]
        mover[b], entered[b], left[b] = row, pair, -1
        queue[found] = b
        found += 1
    at = 0
    while at < found:
        b = queue[at]
        at += 1
        if hall.room[b] > 0:
            while True:
                if left[b] >= 0:
                    leave(hall, left[b])
                enter(hall, mover[b], entered[b], 1)
                if left[b] < 0:
                    return True
                b = hall.bins[left[b]]
        for place in range(hall.first[b], hall.first[b] + hall.members[b]):
            other = hall.member_row[place]
            for pair in range(hall.start[other], hall.start[other + 1]):
                c = hall.bins[pair]
                if mover[c] < 0:
                    mover[c], entered[c], left[c] = other, pair, hall.member_pair[place]
                    queue[found] = c
                    found += 1
    return False
