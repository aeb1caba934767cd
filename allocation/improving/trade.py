"""Seat whole requests of all sizes better by trades between two bins; everybody served stays served.

Somebody who would rather sit in another bin asks for the best trade between the two: any of those in the one who
accept the other, for any of those in the other who accept the one, as long as both have room for who comes. Which
trade is the best is a knapsack over the units that change sides, solved exactly. The cost of the plan falls with every
trade, so this comes to an end.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.placing.placement import placement_cost

WIDEST_TRADE: Final = 32
"""Units that change to one side in a trade at most."""
STEPS_PER_PAIR: Final = 1_000
MOST_STEPS: Final = 300_000_000
"""Bounds on the work of all trades: a step is one entry of a knapsack's table, and a second makes some 300 million."""
_NEVER: Final = np.int64(1 << 62)


class _Trading(NamedTuple):
    """What trades change, and what they are weighed with.

    ``start``, ``bins``, ``cost``: what each row accepts, its bins rising; ``units`` of each row. ``seated[first[b] :
    first[b] + held[b]]``: who sits in bin b; ``room`` of each bin; ``bin_of_row``: int32 (n,). For each of two bins
    ``rows[side]`` are those who could move to the other, at ``gain[side]``, and ``least[side, i, x]`` is the least
    cost at which the first i of them give x units away. ``steps[0]``: work that is left. ``head`` and ``tail``: for
    each bin the first and the last of a bin's ways there (`_Ways`), -1 for none.
    """

    start: NDArray[np.int64]
    bins: NDArray[np.int32]
    cost: NDArray[np.int64]
    units: NDArray[np.int64]
    seated: NDArray[np.int64]
    first: NDArray[np.int64]
    held: NDArray[np.int64]
    room: NDArray[np.int64]
    bin_of_row: NDArray[np.int32]
    rows: NDArray[np.int64]
    gain: NDArray[np.int64]
    least: NDArray[np.int64]
    steps: NDArray[np.int64]
    head: NDArray[np.int32]
    tail: NDArray[np.int32]


class _Ways(NamedTuple):
    """Where those in one bin could move: entry by entry the row, its gain, and the next entry to the same bin, or -1.

    ``wanted``: the bins where somebody would rather be, rising.
    """

    row: NDArray[np.int64]
    gain: NDArray[np.int64]
    following: NDArray[np.int32]
    wanted: NDArray[np.int64]


def trade(line: Line, bin_of_row: NDArray[np.int32]) -> NDArray[np.int32]:
    """Lower the cost of a placement by trades between two bins.

    Parameters
    ----------
    line
        Requests and bins of one part, with its steps of lateness and rank.
    bin_of_row
        int32 (n,), a feasible placement, -1 where not served.

    Returns
    -------
    NDArray[np.int32]
        (n,), a feasible placement of the same requests, at no higher cost.
    """
    largest = int(line.places.max(initial=0))
    if not 0 < 2 * line.steps[1] * largest < _NEVER:
        return bin_of_row  # the sums of two bins might overflow
    best = bin_of_row.copy()
    first = np.concatenate(([0], np.cumsum(line.places)))
    trading = _Trading(
        start=line.start,
        bins=line.bin,
        cost=placement_cost(line),
        units=line.units,
        seated=np.empty(first[-1], np.int64),
        first=first,
        held=np.zeros(line.bins, np.int64),
        room=line.room(best),
        bin_of_row=best,
        rows=np.empty((2, largest), np.int64),
        gain=np.empty((2, largest), np.int64),
        least=np.empty((2, largest + 1, WIDEST_TRADE + 1), np.int64),
        steps=np.array([min(STEPS_PER_PAIR * line.pairs, MOST_STEPS)]),
        head=np.full(line.bins, -1, np.int32),
        tail=np.full(line.bins, -1, np.int32),
    )
    _sit_down(trading, np.arange(line.requests))
    _trade(trading)
    return best


@compiled
def _sit_down(given: _Trading, rows: NDArray[np.int64]) -> None:
    for row in rows:
        b = given.bin_of_row[row]
        if b >= 0:
            given.seated[given.first[b] + given.held[b]] = row
            given.held[b] += 1


@compiled
def _trade(given: _Trading) -> None:
    """Try all pairs of bins that somebody would change between, and those again where either has changed since."""
    now = 1
    changed = np.full(given.room.size, now)
    tried = np.zeros(given.room.size, np.int64)
    before = 0
    while before < now:
        before = now
        for a in range(given.room.size):
            last, found = tried[a], True
            while found:
                found = False
                tried[a] = now
                ways = _ways(given, a)
                for b in ways.wanted:
                    if max(changed[a], changed[b]) > last and _best_trade(given, ways, a, b):
                        now += 1
                        changed[a] = changed[b] = now
                        found = True
                        break
                    if given.steps[0] <= 0:
                        return


@compiled
def _ways(given: _Trading, a: int) -> _Ways:
    """List where those in ``a`` could move, to each bin in the order in which they sit."""
    many = 0
    for row in _in_bin(given, a):
        many += given.start[row + 1] - given.start[row]
    ways = _Ways(np.empty(many, np.int64), np.empty(many, np.int64), np.empty(many, np.int32), np.empty(many, np.int64))
    given.head[:] = -1
    found, wanted = 0, 0
    for row in _in_bin(given, a):
        own, size = given.cost[_pair(given, row, a)], given.units[row]
        for pair in range(given.start[row], given.start[row + 1]):
            b, gain = given.bins[pair], size * (given.cost[pair] - own)
            ways.row[found], ways.gain[found], ways.following[found] = row, gain, -1
            if given.head[b] < 0:
                given.head[b] = found
            else:
                ways.following[given.tail[b]] = found
            given.tail[b] = found
            if gain < 0:
                ways.wanted[wanted] = b
                wanted += 1
            found += 1
    return _Ways(ways.row, ways.gain, ways.following, np.unique(ways.wanted[:wanted]))


@compiled
def _best_trade(given: _Trading, ways: _Ways, a: int, b: int) -> bool:
    """Make the best trade between two bins, if any lowers the cost; ``ways``: of those in ``a``."""
    from_a, from_b = _movers_by(given, ways, a, b), _movers(given, b, a)
    out_a, out_b = given.least[0, from_a], given.least[1, from_b]
    x_best, y_best, value = 0, 0, np.int64(0)
    for x in range(out_a.size):
        if out_a[x] == _NEVER:
            continue
        for y in range(max(0, x - given.room[b]), min(out_b.size, x + given.room[a] + 1)):
            if out_b[y] != _NEVER and out_a[x] + out_b[y] < value:
                x_best, y_best, value = x, y, out_a[x] + out_b[y]
    if value == 0:
        return False
    both = np.concatenate((_in_bin(given, a), _in_bin(given, b)))
    _move(given, 0, from_a, x_best, b)
    _move(given, 1, from_b, y_best, a)
    given.room[a] += x_best - y_best
    given.room[b] += y_best - x_best
    given.held[a] = given.held[b] = 0
    _sit_down(given, both)
    return True


@compiled
def _in_bin(given: _Trading, b: int) -> NDArray[np.int64]:
    return given.seated[given.first[b] : given.first[b] + given.held[b]]


@compiled
def _pair(given: _Trading, row: int, b: int) -> int:
    """Find the pair of a row and a bin, -1 where the row does not accept it."""
    low, high = given.start[row], given.start[row + 1]
    while low < high:
        middle = (low + high) // 2
        if given.bins[middle] < b:
            low = middle + 1
        else:
            high = middle
    return low if low < given.start[row + 1] and given.bins[low] == b else -1


@compiled
def _movers_by(given: _Trading, ways: _Ways, a: int, b: int) -> int:
    """List who in ``a`` accepts ``b``, with the knapsack over them; return how many."""
    count, way = _begin(given, 0), given.head[b]
    while way >= 0:
        count = _add(given, 0, count, ways.row[way], ways.gain[way])
        way = ways.following[way]
    given.steps[0] -= given.held[a] + count * given.least.shape[2]
    return count


@compiled
def _movers(given: _Trading, b: int, a: int) -> int:
    """List who in ``b`` accepts ``a``, with the knapsack over them; return how many."""
    count = _begin(given, 1)
    for row in _in_bin(given, b):
        there = _pair(given, row, a)
        if there >= 0:
            gain = given.units[row] * (given.cost[there] - given.cost[_pair(given, row, b)])
            count = _add(given, 1, count, row, gain)
    given.steps[0] -= given.held[b] + count * given.least.shape[2]
    return count


@compiled
def _begin(given: _Trading, side: int) -> int:
    """Begin a knapsack, over nobody."""
    given.least[side, 0, :] = _NEVER
    given.least[side, 0, 0] = 0
    return 0


@compiled
def _add(given: _Trading, side: int, count: int, row: int, gain: int) -> int:
    """Add a row to a knapsack over so many, unless it is too large for any trade; return how many there are."""
    least, size = given.least[side], given.units[row]
    if size >= least.shape[1]:
        return count
    given.rows[side, count], given.gain[side, count] = row, gain
    least[count + 1] = least[count]
    for x in range(size, least.shape[1]):
        if least[count, x - size] != _NEVER:
            least[count + 1, x] = min(least[count, x], least[count, x - size] + gain)
    return count + 1


@compiled
def _move(given: _Trading, side: int, count: int, x: int, b: int) -> None:
    """Move those to ``b`` who give x units away at the least cost."""
    least = given.least[side]
    for i in range(count - 1, -1, -1):
        if least[i + 1, x] != least[i, x]:
            row = given.rows[side, i]
            given.bin_of_row[row] = b
            x -= given.units[row]
