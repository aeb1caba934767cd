"""A first plan of a large part: all units where they cost least, then each request whole in one of its bins.

Down the weights, `allocation.serving.split` finds whose units are served, and the prices that bound every plan. These
units are placed at the least cost as if each were a request of its own, which is exact, and the best that late units,
ranks and costs can be for them. Most requests lie whole in one bin then. Of the others all but one for each bin at most
are made whole by moving units around cycles, at no cost (`allocation.placing.forest`); the rest are put where least is
too much. Requests of one unit are then served and placed exactly around them, and close what gaps that leaves.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.improving.draft import Draft, place_singles
from allocation.line import Line
from allocation.placing.assign import placed
from allocation.placing.forest import without_cycles
from allocation.serving.split import price_bound, serve_split
from allocation.side_by_side import Spread


def rounded_draft(line: Line, *, spread: Spread = map) -> Draft:
    """Return a plan of requests of all sizes, near the bound where a bin has many places; ``spread`` places them."""
    split = serve_split(line)
    prices, bound = split.prices, price_bound(line, split.prices)
    rows = _whole_rows(line, np.flatnonzero(split.units), split.units)
    del split
    unit = np.repeat(rows, line.units[rows])
    # a bin takes units of those alone who fit into it whole: the others' pairs are not in the line
    single = replace(line, units=np.ones(line.requests, np.int64))
    larger = _rounded(line, unit, placed(single, unit, prices, spread=spread))
    return Draft(line, place_singles(line, larger, spread=spread), prices, bound, settled=True)


def _whole_rows(line: Line, pairs: NDArray[np.int64], units: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the rows all of whose units are served, rising."""
    served = np.zeros(line.requests, np.int64)
    np.add.at(served, line.row_of_pairs(pairs), units[pairs])
    return np.flatnonzero((served == line.units) & (served > 0))


def _rounded(line: Line, unit: NDArray[np.int64], bin_of_unit: NDArray[np.int32]) -> NDArray[np.int32]:
    """Put each request of several units, whose row stands in ``unit`` for each of them, whole into one bin.

    Returns
    -------
    NDArray[np.int32]
        (n,). The bin of each row, -1 where it has none yet, as all of one unit.
    """
    some = line.units[unit] > 1
    key, count = np.unique(unit[some] * line.bins + bin_of_unit[some], return_counts=True)
    row, bins = key // line.bins, key % line.bins
    whole = count == line.units[row]
    bin_of_row = np.full(line.requests, -1, np.int32)
    bin_of_row[row[whole]] = bins[whole]
    row, bins = row[~whole], bins[~whole]
    left = without_cycles(row, bins, count[~whole])
    row, bins, left = row[left > 0], bins[left > 0], left[left > 0]
    _put(row, bins, left, line.units, np.zeros(line.bins, np.int64), bin_of_row)
    room = line.room(bin_of_row)
    if np.any(room < 0):
        _put_out(line.units, room, bin_of_row)
    return bin_of_row


@compiled
def _put(
    row: NDArray[np.int64],
    bins: NDArray[np.int64],
    left: NDArray[np.int64],
    units: NDArray[np.int64],
    excess: NDArray[np.int64],
    bin_of_row: NDArray[np.int32],
) -> None:
    """Put each row into that of its bins where least is too much by then; its entries stand together."""
    first = 0
    while first < row.size:
        last = first
        while last < row.size and row[last] == row[first]:
            excess[bins[last]] -= left[last]
            last += 1
        best = bins[first]
        for entry in range(first + 1, last):
            if excess[bins[entry]] < excess[best]:
                best = bins[entry]
        excess[best] += units[row[first]]
        bin_of_row[row[first]] = best
        first = last


@compiled
def _put_out(units: NDArray[np.int64], room: NDArray[np.int64], bin_of_row: NDArray[np.int32]) -> None:
    """Put those out who are last in line, where more are in a bin than it has places for."""
    for row in range(bin_of_row.size - 1, -1, -1):
        b = bin_of_row[row]
        if b >= 0 and room[b] < 0:
            room[b] += units[row]
            bin_of_row[row] = -1
