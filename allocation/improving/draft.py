"""A first plan of one part, prices that bound every plan of it, and how a plan is finished.

A first plan of a large part: all units where they cost least, then each request whole in one of its bins.

Down the weights, `allocation.serving.whole` finds whose units are served, and the prices that bound every plan. These
units are placed at the least cost as if each were a request of its own, which is exact, and the best that late units,
ranks and costs can be for them. Most requests lie whole in one bin then. Of the others all but one for each bin at most
are made whole by moving units around cycles, at no cost (`allocation.placing.forest`); the rest are put where least is
too much. Requests of one unit are then served and placed exactly around them, and close what gaps that leaves.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.improving.size_prices import SizePrices
from allocation.improving.trade import trade
from allocation.line import Line
from allocation.placing.forest import place_served, placed, without_cycles
from allocation.placing.placement import placement_cost, rents
from allocation.serving.whole import Split, price_bound, serve_split, serve_whole
from allocation.side_by_side import Spread

ABOVE_CHEAPEST = 1 << 60
"""A larger request goes into a bin above its lowest price only where no other takes it."""


@dataclass(frozen=True, eq=False)
class Draft:
    """``bin_of_row``: int32 (n,), -1 not served; ``prices``: int64 (m,); ``bound`` on every plan's objective.

    ``settled``: requests of one unit are served and placed exactly around the others. ``by_size``: prices that prove
    more than those of single units, None where there are none.
    """

    line: Line
    bin_of_row: NDArray[np.int32]
    prices: NDArray[np.int64]
    bound: int
    settled: bool = False
    by_size: SizePrices | None = None

    @property
    def value(self) -> int:
        """The objective."""
        return self.line.value(self.bin_of_row)


def draft(line: Line, *, spread: Spread = map) -> Draft:
    """Serve requests down the weights: exact for single units, whole and near the bound for the others.

    Larger requests compete with single ones for the liked bins: all are served once with everyone where they like it
    best, single units are then placed exactly around the larger requests, and at the rents of that placement the
    larger ones choose again. ``spread`` places single units.
    """
    split = serve_split(line)
    bound = price_bound(line, split.prices)
    if line.single:
        bin_of_row = np.full(line.requests, -1, np.int32)
        taken = np.flatnonzero(split.units)
        bin_of_row[line.row_of_pairs(taken)] = line.bin[taken]
        return Draft(line, bin_of_row, split.prices, bound)
    prices = split.prices
    del split  # of a nation, gigabytes: as much as the columns of costs, which are therefore made twice
    first = place_singles(line, serve_whole(line, placement_cost(line)), spread=spread)
    rent = _rents_of_singles(line, first, prices)
    cost = placement_cost(line)
    _charge(line.start, line.bin, rent, prices, cost)
    return Draft(line, serve_whole(line, cost), prices, bound)


def finish(given: Draft, *, spread: Spread = map) -> NDArray[np.int32]:
    """Trade places, serve and place single units exactly, then give the room that is left to requests that fit."""
    line = given.line
    if line.single:
        return place_served(line, np.flatnonzero(given.bin_of_row >= 0), given.prices, spread=spread)
    before = given.bin_of_row if given.settled else place_singles(line, given.bin_of_row, spread=spread)
    traded = trade(line, before)
    same = np.array_equal(traded, before)
    bin_of_row = traded.copy() if same else place_singles(line, traded, spread=spread)
    _fill_room(line.units, line.start, line.bin, placement_cost(line), line.room(bin_of_row), bin_of_row)
    return bin_of_row


def place_singles(line: Line, bin_of_row: NDArray[np.int32], *, spread: Spread = map) -> NDArray[np.int32]:
    """With all larger requests where they are, serve and place the requests of one unit exactly."""
    part, split = serve_singles(line, bin_of_row)
    placed = bin_of_row.copy()
    placed[line.units == 1] = place_served(part, split.rows(part), split.prices, spread=spread)
    return placed


def serve_singles(line: Line, bin_of_row: NDArray[np.int32]) -> tuple[Line, Split]:
    """Return the requests of one unit, what the larger ones leave them, and which of them to serve there."""
    single = np.flatnonzero(line.units == 1)
    larger = np.where(line.units == 1, np.int32(-1), bin_of_row)
    part = line.select(single, np.arange(line.bins), line.room(larger))
    return part, serve_split(part)


def _rents_of_singles(line: Line, bin_of_row: NDArray[np.int32], prices: NDArray[np.int64]) -> NDArray[np.int64]:
    single = np.flatnonzero((line.units == 1) & (bin_of_row >= 0))
    part = line.select(single, np.arange(line.bins), line.places)
    return rents(part.start, part.bin, placement_cost(part), bin_of_row[single], prices)


@compiled
def _charge(
    start: NDArray[np.int64],
    bins: NDArray[np.int32],
    rent: NDArray[np.int64],
    prices: NDArray[np.int64],
    cost: NDArray[np.int64],
) -> None:
    """Add to the cost of each pair the rent of its bin, and what keeps a request in the bins of its lowest price."""
    for row in range(start.size - 1):
        lowest = np.iinfo(np.int64).max
        for pair in range(start[row], start[row + 1]):
            lowest = min(lowest, prices[bins[pair]])
        for pair in range(start[row], start[row + 1]):
            cost[pair] += rent[bins[pair]]
            if prices[bins[pair]] > lowest:
                cost[pair] += ABOVE_CHEAPEST


@compiled
def _fill_room(
    units: NDArray[np.int64],
    start: NDArray[np.int64],
    bins: NDArray[np.int32],
    cost: NDArray[np.int64],
    room: NDArray[np.int64],
    bin_of_row: NDArray[np.int32],
) -> None:
    """Give the room that is left to unserved requests that fit, in line order, each its best bin."""
    for row in range(units.size):
        if bin_of_row[row] >= 0:
            continue
        best = -1
        for pair in range(start[row], start[row + 1]):
            if room[bins[pair]] >= units[row] and (best < 0 or cost[pair] < cost[best]):
                best = pair
        if best >= 0:
            bin_of_row[row] = bins[best]
            room[bins[best]] -= units[row]


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
