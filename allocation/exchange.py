"""Serve whole requests that were left out although they outweigh those who sit where they asked.

``whole`` leaves a larger request where it was first put. Here each request that is not served looks for the bin where
room for it costs least: there is room; or a set goes out that is worth less; or one request moves to another bin that
it accepts, where in turn there is room or a set goes out. Whoever goes out looks for a bin again. The objective rises
with every step, so this comes to an end.

What the cheapest set in a bin is worth is always known, by dynamic programming over the requests in it. What one move
costs depends on other bins: it is remembered, and checked before anyone relies on it. A bin that became
cheaper unnoticed is found in the next pass. So a pass takes time in proportion to the pairs, not to their square.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.split import cheapest

WIDEST_HOLE = 24
"""Units that a set of requests, or one that moves, is asked to free at most."""
WORTH_A_PASS = 1e-6
"""A pass that gains less of the value is the last one."""
STEPS_PER_PAIR = 30
"""Bound on the work of all passes."""
NEVER = 1 << 62
"""Above every sum of values, see ``WeightsTooLargeError``."""


class Seats(NamedTuple):
    """Who sits where, as doubly linked lists, and what room costs.

    ``start``, ``bins``, ``units``: of the line; ``value``: int64 (n,), of a whole request; ``prices``, ``room``: int64
    (m,). ``bin_of_row``: int32 (n,); ``head``: int64 (m,), ``after``, ``before``: int64 (n,), -1 at the ends. ``out``,
    ``over``: int64 (m, WIDEST_HOLE + 1), the least value that goes out to free so many units in a bin, by a set from
    it, or after ``mover`` has moved over to ``target``, both int64 of that shape; the latter three hold as of when the
    bin was ``seen``, bool (m,). ``steps``: int64 (1,), left.
    """

    start: NDArray[np.int64]
    bins: NDArray[np.int32]
    units: NDArray[np.int64]
    value: NDArray[np.int64]
    prices: NDArray[np.int64]
    room: NDArray[np.int64]
    bin_of_row: NDArray[np.int32]
    head: NDArray[np.int64]
    after: NDArray[np.int64]
    before: NDArray[np.int64]
    out: NDArray[np.int64]
    over: NDArray[np.int64]
    mover: NDArray[np.int64]
    target: NDArray[np.int64]
    seen: NDArray[np.bool_]
    steps: NDArray[np.int64]


def exchange(line: Line, bin_of_row: NDArray[np.int32], prices: NDArray[np.int64]) -> NDArray[np.int32]:
    """Raise the objective by exchanges of whole requests.

    Parameters
    ----------
    line
        Requests and bins.
    bin_of_row
        int32 (n,), a feasible placement, -1 where not served.
    prices
        int64 (m,), at least 0: who outweighs their cheapest bin by most looks for a place first.

    Returns
    -------
    NDArray[np.int32]
        (n,), a feasible placement of no smaller objective.
    """
    lowest = cheapest(line.start, line.bin, prices)
    asks = np.diff(line.start) > 0
    loss = line.units * np.where(asks, line.weight - lowest, 0)  # below 0: yet there may be lighter ones to put out
    best, value = bin_of_row.copy(), line.value(bin_of_row)
    steps, worth = STEPS_PER_PAIR * line.pairs, True
    while steps > 0 and worth:
        waiting = np.flatnonzero((best < 0) & asks)
        waiting = waiting[np.argsort(-loss[waiting], kind="stable")]
        seats = _empty_seats(line, best, prices, steps)
        _exchange(seats, waiting)
        steps = int(seats.steps[0])
        value, before = line.value(best), value
        worth = value - before > WORTH_A_PASS * value
    return best


def _empty_seats(line: Line, bin_of_row: NDArray[np.int32], prices: NDArray[np.int64], steps: int) -> Seats:
    holes = (line.bins, min(WIDEST_HOLE, int(line.units.max(initial=1))) + 1)
    return Seats(
        start=line.start,
        bins=line.bin,
        units=line.units,
        value=line.units * line.weight,
        prices=prices,
        room=line.room(bin_of_row),
        bin_of_row=bin_of_row,
        head=np.full(line.bins, -1),
        after=np.full(line.requests, -1),
        before=np.full(line.requests, -1),
        out=np.zeros(holes, np.int64),
        over=np.zeros(holes, np.int64),
        mover=np.zeros(holes, np.int64),
        target=np.zeros(holes, np.int64),
        seen=np.zeros(line.bins, np.bool_),
        steps=np.array([steps]),
    )


@compiled
def _exchange(seats: Seats, waiting: NDArray[np.int64]) -> None:
    """Let those who wait look for a bin in turn, and whoever goes out for them after the last of these."""
    for row in range(seats.bin_of_row.size):
        if seats.bin_of_row[row] >= 0:
            _link(seats, row, seats.bin_of_row[row])
    for b in range(seats.room.size):
        _weigh_out(seats, b)
    queue = np.empty(seats.units.size, np.int64)  # a ring: nobody waits twice
    queue[: waiting.size] = waiting
    first, waits = 0, waiting.size
    gone = np.empty(2 * WIDEST_HOLE, np.int64)
    while waits > 0 and seats.steps[0] > 0:
        row = queue[first]
        first, waits = (first + 1) % queue.size, waits - 1
        b = _cheapest_bin(seats, row)
        if b < 0:
            continue
        left = _let_in(seats, row, b, gone)
        for each in gone[:left]:
            queue[(first + waits) % queue.size] = each
            waits += 1


@compiled
def _cheapest_bin(seats: Seats, row: int) -> int:
    """Find the bin where room for a request costs least, -1 where it costs as much as the request is worth."""
    while True:
        best, least = -1, seats.value[row]
        for pair in range(seats.start[row], seats.start[row + 1]):
            b = seats.bins[pair]
            hole = seats.units[row] - seats.room[b]
            if hole > 0 and not seats.seen[b]:
                _weigh_over(seats, b)
            cost = _cost(seats, b, hole)
            if cost < least or (cost == least and best >= 0 and seats.prices[b] < seats.prices[best]):
                best, least = b, cost
        seats.steps[0] -= seats.start[row + 1] - seats.start[row]
        if best < 0:
            return best
        hole = seats.units[row] - seats.room[best]
        if hole <= 0 or seats.out[best, hole] == least or _holds(seats, best, hole):
            return best
        _weigh_over(seats, best)


@compiled
def _cost(seats: Seats, b: int, hole: int) -> int:
    if hole <= 0:
        return 0
    if hole >= seats.out.shape[1]:
        return int(NEVER)
    return int(min(seats.out[b, hole], seats.over[b, hole]))


@compiled
def _holds(seats: Seats, b: int, hole: int) -> bool:
    """Say whether the move remembered for a bin can still be made, at no more than it was to cost."""
    row, c = seats.mover[b, hole], seats.target[b, hole]
    return bool(seats.bin_of_row[row] == b and _cost_out(seats, c, seats.units[row]) <= seats.over[b, hole])


@compiled
def _weigh_out(seats: Seats, b: int) -> None:
    """Find the least value of a set that frees so many units, for each number of units."""
    out = seats.out[b]
    out[1:] = NEVER
    row = seats.head[b]
    while row >= 0:
        for hole in range(out.size - 1, 0, -1):
            out[hole] = min(out[hole], out[max(0, hole - seats.units[row])] + seats.value[row])
        seats.steps[0] -= out.size // 8 + 1
        row = seats.after[row]


@compiled
def _weigh_over(seats: Seats, b: int) -> None:
    """Find the least value that goes out elsewhere when one request moves over, for each number of units it frees."""
    over, mover, target = seats.over[b], seats.mover[b], seats.target[b]
    over[:] = NEVER
    row = seats.head[b]
    while row >= 0:
        hole = min(seats.units[row], over.size - 1)
        for pair in range(seats.start[row], seats.start[row + 1]):
            c = seats.bins[pair]
            cost = _cost_out(seats, c, seats.units[row])
            if c != b and cost < over[hole]:
                over[hole], mover[hole], target[hole] = cost, row, c
        seats.steps[0] -= seats.start[row + 1] - seats.start[row]
        row = seats.after[row]
    for hole in range(over.size - 2, -1, -1):
        if over[hole + 1] < over[hole]:
            over[hole], mover[hole], target[hole] = over[hole + 1], mover[hole + 1], target[hole + 1]
    seats.seen[b] = True


@compiled
def _cost_out(seats: Seats, b: int, units: int) -> int:
    """Give the least value that a set is worth which goes out of a bin for so many units."""
    hole = units - seats.room[b]
    if hole <= 0:
        return 0
    return int(seats.out[b, hole]) if hole < seats.out.shape[1] else int(NEVER)


@compiled
def _let_in(seats: Seats, row: int, b: int, gone: NDArray[np.int64]) -> int:
    """Make room in a bin at the least cost and seat a request there; list who went out, and return how many."""
    hole = seats.units[row] - seats.room[b]
    left = 0
    if hole > 0 and seats.out[b, hole] <= seats.over[b, hole]:
        left = _put_out(seats, b, hole, gone)
    elif hole > 0:
        moving, c = seats.mover[b, hole], seats.target[b, hole]
        hole = seats.units[moving] - seats.room[c]
        if hole > 0:
            left = _put_out(seats, c, hole, gone)
        _leave(seats, moving)
        _enter(seats, moving, c)
        _weigh_out(seats, c)
    _enter(seats, row, b)
    _weigh_out(seats, b)
    return left


@compiled
def _put_out(seats: Seats, b: int, hole: int, gone: NDArray[np.int64]) -> int:
    """Put out the set of least value that frees so many units; list it, and return how many they are."""
    sitting = 0
    row = seats.head[b]
    while row >= 0:
        sitting, row = sitting + 1, seats.after[row]
    least = np.full(hole + 1, NEVER)
    least[0] = 0
    goes = np.zeros((sitting, hole + 1), np.bool_)
    rows = np.empty(sitting, np.int64)
    row = seats.head[b]
    for k in range(sitting):
        for wanted in range(hole, 0, -1):
            cost = least[max(0, wanted - seats.units[row])] + seats.value[row]
            if cost < least[wanted]:
                least[wanted], goes[k, wanted] = cost, True
        rows[k], row = row, seats.after[row]
    left = 0
    for k in range(sitting - 1, -1, -1):
        if goes[k, hole]:
            hole = max(0, hole - seats.units[rows[k]])
            gone[left] = rows[k]
            left += 1
            _leave(seats, rows[k])
    return left


@compiled
def _enter(seats: Seats, row: int, b: int) -> None:
    _link(seats, row, b)
    seats.bin_of_row[row] = b
    seats.room[b] -= seats.units[row]


@compiled
def _link(seats: Seats, row: int, b: int) -> None:
    seats.before[row], seats.after[row] = -1, seats.head[b]
    if seats.head[b] >= 0:
        seats.before[seats.head[b]] = row
    seats.head[b] = row


@compiled
def _leave(seats: Seats, row: int) -> None:
    b = seats.bin_of_row[row]
    if seats.before[row] >= 0:
        seats.after[seats.before[row]] = seats.after[row]
    else:
        seats.head[b] = seats.after[row]
    if seats.after[row] >= 0:
        seats.before[seats.after[row]] = seats.before[row]
    seats.bin_of_row[row] = -1
    seats.room[b] += seats.units[row]
