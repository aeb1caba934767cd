"""Serve whole requests that were left out although they outweigh those who sit where they asked.

``whole`` leaves a larger request where it was first put. Here each request that is not served looks for the bin where
room for it costs least: there is room; or a set goes out that is worth less; or one request moves to another bin that
it accepts, where in turn there is room or a set goes out. Whoever goes out looks for a bin again. The objective rises
with every step, so this comes to an end.

What the cheapest set in a bin is worth is always known, see ``sitting``. What a move costs depends on other bins: it is
remembered, and checked before anyone relies on it. A bin that became cheaper unnoticed is found in the next pass. So a
pass takes time in proportion to the pairs, not to their square.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.improving.draft import Draft
from allocation.improving.sitting import NEVER, Sitting, cost_out, enter, leave, put_out, seats_of, weigh_out
from allocation.line import Line
from allocation.serving.whole import cheapest

WORTH_A_PASS = 1e-6
"""A pass that gains less of the value is the last one."""
MOVERS = 32
"""Requests of one size, the lightest, that are looked at to move over when a bin is looked at again, which is often."""
STEPS_PER_PAIR = 30
"""Bound on the work of all passes."""


def exchanged(given: Draft) -> Draft:
    """Return a draft with its requests exchanged, where its bound leaves room for that."""
    if given.value >= given.bound:
        return given
    bin_of_row = exchange(given.line, given.bin_of_row, given.prices)
    same = given.settled and np.array_equal(bin_of_row, given.bin_of_row)
    return replace(given, bin_of_row=bin_of_row, settled=same)


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
        seats = seats_of(line, best, prices, steps)
        _exchange(seats, waiting)
        steps = int(seats.steps[0])
        value, before = line.value(best), value
        worth = value - before > WORTH_A_PASS * value
    return best


@compiled
def _exchange(seats: Sitting, waiting: NDArray[np.int64]) -> None:
    """Let those who wait look for a bin in turn, and after the last of them those who went out for them."""
    queue = np.empty(seats.units.size, np.int64)  # a ring: nobody waits twice
    queue[: waiting.size] = waiting
    first, waits = 0, waiting.size
    gone = np.empty(seats.out.shape[1], np.int64)
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
def _cheapest_bin(seats: Sitting, row: int) -> int:
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
def _cost(seats: Sitting, b: int, hole: int) -> int:
    if hole <= 0:
        return 0
    if hole >= seats.out.shape[1]:
        return int(NEVER)
    return int(min(seats.out[b, hole], seats.over[b, hole]))


@compiled
def _holds(seats: Sitting, b: int, hole: int) -> bool:
    """Return whether the move remembered for a bin can still be made, at no more than it was to cost."""
    row, c = seats.mover[b, hole], seats.target[b, hole]
    return bool(seats.bin_of_row[row] == b and cost_out(seats, c, seats.units[row]) <= seats.over[b, hole])


@compiled
def _weigh_over(seats: Sitting, b: int) -> None:
    """Find the least value that goes out elsewhere when one request moves over, for each number of units it frees."""
    over, mover, target = seats.over[b], seats.mover[b], seats.target[b]
    over[:] = NEVER
    for hole in range(1, over.size):
        row, left = seats.head[b, hole], MOVERS if seats.seen[b] else seats.units.size
        while row >= 0 and left > 0 and over[hole] > 0:
            for pair in range(seats.start[row], seats.start[row + 1]):
                c = seats.bins[pair]
                cost = cost_out(seats, c, seats.units[row])
                if c != b and cost < over[hole]:
                    over[hole], mover[hole], target[hole] = cost, row, c
            seats.steps[0] -= seats.start[row + 1] - seats.start[row]
            row, left = seats.after[row], left - 1
    for hole in range(over.size - 2, -1, -1):
        if over[hole + 1] < over[hole]:
            over[hole], mover[hole], target[hole] = over[hole + 1], mover[hole + 1], target[hole + 1]
    seats.seen[b] = True


@compiled
def _let_in(seats: Sitting, row: int, b: int, gone: NDArray[np.int64]) -> int:
    """Make room in a bin at the least cost and seat a request there; list who went out, and return how many."""
    hole = seats.units[row] - seats.room[b]
    left = 0
    if hole > 0 and seats.out[b, hole] <= seats.over[b, hole]:
        left = put_out(seats, b, hole, gone)
    elif hole > 0:
        moving, c = seats.mover[b, hole], seats.target[b, hole]
        hole = seats.units[moving] - seats.room[c]
        if hole > 0:
            left = put_out(seats, c, hole, gone)
        leave(seats, moving)
        enter(seats, moving, c)
        weigh_out(seats, c)
    enter(seats, row, b)
    weigh_out(seats, b)
    return left
