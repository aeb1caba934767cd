"""Whole requests in their bins, and the least value that goes out to make room in each.

The set of least value is found by dynamic programming over the lightest requests of each size, as many as fill any
hole. So it takes as long in a large bin as in a small one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line

WIDEST_HOLE = 24
"""Units that a set of requests, or one that moves, is asked to free at most."""
NEVER = 1 << 62
"""Above every sum of values, see ``WeightsTooLargeError``."""


class Sitting(NamedTuple):
    """Who sits where, and what room costs.

    ``start``, ``bins``, ``units``: of the line; ``value``: int64 (n,), of a whole request; ``prices``, ``room``: int64
    (m,). ``bin_of_row``: int32 (n,). Those of each size in a bin are a doubly linked list, the lightest first:
    ``head``, int64 (m, h + 1), the last for all that are at least as large as h, the widest hole; ``after``,
    ``before``, int64 (n,); -1 at the ends.

    ``out``, ``over``: int64 (m, h + 1), the least value that goes out to free so many units in a bin, by a set from it,
    or after ``mover`` has moved over to ``target``, both int64 (m, h + 1). ``out`` always holds; the latter three as of
    the moment when the bin was ``seen``, bool (m,). ``steps``: int64 (1,), left.
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


def seats_of(line: Line, bin_of_row: NDArray[np.int32], prices: NDArray[np.int64], steps: int) -> Sitting:
    """Seat everyone as in a feasible placement, which is changed along."""
    holes = (line.bins, min(WIDEST_HOLE, int(line.units.max(initial=1))) + 1)
    seats = Sitting(
        start=line.start,
        bins=line.bin,
        units=line.units,
        value=line.units * line.weight,
        prices=prices,
        room=line.room(bin_of_row),
        bin_of_row=bin_of_row,
        head=np.full(holes, -1),
        after=np.full(line.requests, -1),
        before=np.full(line.requests, -1),
        out=np.zeros(holes, np.int64),
        over=np.zeros(holes, np.int64),
        mover=np.zeros(holes, np.int64),
        target=np.zeros(holes, np.int64),
        seen=np.zeros(line.bins, np.bool_),
        steps=np.array([steps]),
    )
    _sit_down(seats)
    return seats


@compiled
def _sit_down(seats: Sitting) -> None:
    for row in np.argsort(-seats.value, kind="mergesort"):
        if seats.bin_of_row[row] >= 0:
            _link(seats, row, seats.bin_of_row[row])
    for b in range(seats.room.size):
        weigh_out(seats, b)


@compiled
def enter(seats: Sitting, row: int, b: int) -> None:
    """Seat a request in a bin that has room for it."""
    _link(seats, row, b)
    seats.bin_of_row[row] = b
    seats.room[b] -= seats.units[row]


@compiled
def _link(seats: Sitting, row: int, b: int) -> None:
    size = min(seats.units[row], seats.head.shape[1] - 1)
    lighter, heavier = -1, int(seats.head[b, size])
    while heavier >= 0 and seats.value[heavier] < seats.value[row]:
        lighter, heavier = heavier, int(seats.after[heavier])
    _join(seats, b, size, lighter, row)
    _join(seats, b, size, row, heavier)


@compiled
def _join(seats: Sitting, b: int, size: int, lighter: int, heavier: int) -> None:
    """Let two follow each other; -1 stands for the ends of the list."""
    if lighter >= 0:
        seats.after[lighter] = heavier
    else:
        seats.head[b, size] = heavier
    if heavier >= 0:
        seats.before[heavier] = lighter


@compiled
def leave(seats: Sitting, row: int) -> None:
    """Take a request out of its bin."""
    b, size = seats.bin_of_row[row], min(seats.units[row], seats.head.shape[1] - 1)
    _join(seats, b, size, int(seats.before[row]), int(seats.after[row]))
    seats.bin_of_row[row] = -1
    seats.room[b] += seats.units[row]


@compiled
def _lightest(seats: Sitting, b: int) -> NDArray[np.int64]:
    """List those who may be in a set of least value: as many of each size, from the lightest on, as fill any hole."""
    widest = seats.out.shape[1] - 1
    rows = np.empty(widest * widest, np.int64)
    found = 0
    for size in range(1, widest + 1):
        row, left = seats.head[b, size], (widest + size - 1) // size
        while row >= 0 and left > 0:
            rows[found] = row
            row, found, left = seats.after[row], found + 1, left - 1
    return rows[:found]


@compiled
def weigh_out(seats: Sitting, b: int) -> None:
    """Find the least value of a set that frees so many units, for each number of units."""
    out = seats.out[b]
    out[1:] = NEVER
    for row in _lightest(seats, b):
        for hole in range(out.size - 1, 0, -1):
            out[hole] = min(out[hole], out[max(0, hole - seats.units[row])] + seats.value[row])
        seats.steps[0] -= 1


@compiled
def cost_out(seats: Sitting, b: int, units: int) -> int:
    """Return the least value that a set is worth which goes out of a bin for so many units."""
    hole = units - seats.room[b]
    if hole <= 0:
        return 0
    return int(seats.out[b, hole]) if hole < seats.out.shape[1] else int(NEVER)


@compiled
def put_out(seats: Sitting, b: int, hole: int, gone: NDArray[np.int64]) -> int:
    """Put out the set of least value that frees so many units; list it, and return how many they are."""
    rows = _lightest(seats, b)
    least = np.full(hole + 1, NEVER)
    least[0] = 0
    goes = np.zeros((rows.size, hole + 1), np.bool_)
    for k in range(rows.size):
        for wanted in range(hole, 0, -1):
            cost = least[max(0, wanted - seats.units[rows[k]])] + seats.value[rows[k]]
            if cost < least[wanted]:
                least[wanted], goes[k, wanted] = cost, True
    left = 0
    for k in range(rows.size - 1, -1, -1):
        if goes[k, hole]:
            hole = max(0, hole - seats.units[rows[k]])
            gone[left] = rows[k]
            left += 1
            leave(seats, rows[k])
    return left
