"""Units of requests over bins without cycles: as much in every bin, and at most one request divided for each bin.

Where the units of some requests lie in several bins each, requests and bins are a graph. Around a cycle of it, units
can change sides without anything changing for a bin: every request on it gives a unit to one of its two bins and takes
one from the other. That goes on until a request has left a bin, and the cycle is broken. What is left is a forest,
which has fewer edges than nodes. So a placement of units at the least cost stays one of the least cost: had one
direction of a cycle cost less, it would not have been the best.

Single units where they are served best: exact, for all of them at once.

``serve_split`` finds who is served and prices that prove it. Keeping exactly these people served, the optimal plans are
those where each sits in one of the cheapest bins that they accept and every priced bin is full (complementary
slackness). So bins of different prices never compete for anybody, and where and when people are served is settled
price by price, and prices side by side.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.placing.auction import CostsTooLargeError, place_at_least_cost
from allocation.placing.placement import placement_cost
from allocation.serving.whole import cheapest
from allocation.side_by_side import Spread
from allocation.weights import WeightsTooLargeError


class _Forest(NamedTuple):
    """k edges, ``units`` of row ``row`` in bin ``bin``, those joined to the forest linked at both of their nodes.

    Nodes are the rows, then the bins. ``head``: int64 (nodes,), the first arc of each, -1 for none; ``after``: int64
    (2 k,). Arc 2 e leaves the row of edge e, arc 2 e + 1 its bin. ``came``: int64 (nodes,), the arc by which a search
    came to a node; ``seen``: int64 (nodes,), the search that saw it last; ``queue``: int64 (nodes,).
    """

    row: NDArray[np.int64]
    bin: NDArray[np.int64]
    units: NDArray[np.int64]
    head: NDArray[np.int64]
    after: NDArray[np.int64]
    came: NDArray[np.int64]
    seen: NDArray[np.int64]
    queue: NDArray[np.int64]


def without_cycles(row: NDArray[np.int64], bins: NDArray[np.int64], units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move units around cycles of requests and bins until none is left.

    Parameters
    ----------
    row, bins, units
        int64 (k,) each: so many units, at least one, of a row lie in a bin, named once for each row and bin.

    Returns
    -------
    NDArray[np.int64]
        (k,). The units then: as many of each row and in each bin; those that are not 0 form a forest.
    """
    rows, own_row = np.unique(row, return_inverse=True)
    places, own_bin = np.unique(bins, return_inverse=True)
    nodes = rows.size + places.size
    forest = _Forest(
        row=own_row.astype(np.int64),
        bin=rows.size + own_bin.astype(np.int64),
        units=units.astype(np.int64),
        head=np.full(nodes, -1),
        after=np.full(2 * units.size, -1),
        came=np.full(nodes, -1),
        seen=np.full(nodes, -1),
        queue=np.empty(nodes, np.int64),
    )
    _break_cycles(forest)
    return forest.units


@compiled
def _break_cycles(forest: _Forest) -> None:
    """Join one edge after the other to the forest, unless that closes a cycle, which is then broken."""
    searches = 0
    for edge in range(forest.units.size):
        while forest.units[edge] > 0:
            searches += 1
            if not _find(forest, forest.row[edge], forest.bin[edge], searches):
                _join(forest, edge)
                break
            _turn(forest, edge)


@compiled
def _join(forest: _Forest, edge: int) -> None:
    for arc, node in ((2 * edge, forest.row[edge]), (2 * edge + 1, forest.bin[edge])):
        forest.after[arc] = forest.head[node]
        forest.head[node] = arc


@compiled
def _find(forest: _Forest, begin: int, end: int, search: int) -> bool:
    """Find the way between two nodes of the forest, if there is one, by breadth; edges without units are dropped."""
    forest.seen[begin], forest.came[begin] = search, -1
    forest.queue[0] = begin
    first, last = 0, 1
    while first < last:
        node = forest.queue[first]
        first += 1
        before, arc = -1, forest.head[node]
        while arc >= 0:
            edge, following = arc // 2, forest.after[arc]
            if forest.units[edge] == 0:
                if before < 0:
                    forest.head[node] = following
                else:
                    forest.after[before] = following
            else:
                before = arc
                other = forest.bin[edge] if arc % 2 == 0 else forest.row[edge]
                if forest.seen[other] != search:
                    forest.seen[other], forest.came[other] = search, arc
                    if other == end:
                        return True
                    forest.queue[last] = other
                    last += 1
            arc = following
    return False


@compiled
def _turn(forest: _Forest, closing: int) -> None:
    """Move units around the cycle that an edge closes with the way just found, until one of its edges has none."""
    units = forest.units
    least, node, gives = units[closing], forest.bin[closing], False
    while forest.came[node] >= 0:
        edge = forest.came[node] // 2
        if gives:
            least = min(least, units[edge])
        node, gives = _before(forest, node), not gives
    units[closing] -= least
    node, gives = forest.bin[closing], False
    while forest.came[node] >= 0:
        units[forest.came[node] // 2] += -least if gives else least
        node, gives = _before(forest, node), not gives


@compiled
def _before(forest: _Forest, node: int) -> int:
    """Return the node from which the search came to a node."""
    arc = forest.came[node]
    return int(forest.row[arc // 2] if arc % 2 == 0 else forest.bin[arc // 2])


_SamePrice: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Which of the served, rising, and the bins."""


def place_served(
    line: Line, served: NDArray[np.int64], prices: NDArray[np.int64], *, spread: Spread = map
) -> NDArray[np.int32]:
    """Bins of the rows served, all of one unit, at the least cost; int32 (n,), -1 not served."""
    bin_of_row = np.full(line.requests, -1, np.int32)
    bin_of_row[served] = placed(line, served, prices, spread=spread)
    return bin_of_row


def placed(
    line: Line, served: NDArray[np.int64], prices: NDArray[np.int64], *, spread: Spread = map
) -> NDArray[np.int32]:
    """Bins of the rows served, all of one unit, at the least cost; int32 (k,).

    ``served``: int64 (k,), rising; a row may be there several times, for as many units. ``spread`` does the prices.
    """

    def of_one(price: _SamePrice) -> NDArray[np.int64]:
        entries, bins = price
        return bins[_placed(line.select(served[entries], bins, line.places[bins]))]

    found = np.empty(served.size, np.int32)
    prices_apart = _same_price(line, served, prices)
    for (entries, _), bins in zip(prices_apart, spread(of_one, prices_apart), strict=True):
        found[entries] = bins
    return found


def _placed(part: Line) -> NDArray[np.int32]:
    """Bins of all rows, at the least cost, int32 (n,)."""
    local = _without_choice(part.start, part.bin, part.places)
    free = np.flatnonzero(local < 0)
    rest = part.select(free, np.arange(part.bins), part.room(local))
    del part
    try:
        local[free] = place_at_least_cost(rest.start, rest.bin, placement_cost(rest), rest.places)
    except CostsTooLargeError as error:
        raise WeightsTooLargeError(str(error)) from error
    return local


@compiled
def _without_choice(start: NDArray[np.int64], bins: NDArray[np.int32], places: NDArray[np.int64]) -> NDArray[np.int32]:
    """Bin of each row that all the others leave only one bin with places, int32 (n,); -1 for who has a choice."""
    room = places.copy()
    bin_of_row = np.full(start.size - 1, -1, np.int32)
    found = True
    while found:
        found = False
        for row in range(bin_of_row.size):
            if bin_of_row[row] >= 0:
                continue
            options, only = 0, -1
            for pair in range(start[row], start[row + 1]):
                if room[bins[pair]] > 0:
                    options += 1
                    only = bins[pair]
            if options == 1:
                bin_of_row[row] = only
                room[only] -= 1
                found = True
    return bin_of_row


def _same_price(line: Line, served: NDArray[np.int64], prices: NDArray[np.int64]) -> Sequence[_SamePrice]:
    """Return which of the served have cheapest bins of the same price, with those bins, by rising price."""
    price = cheapest(line.start, line.bin, prices)[served]
    turns = np.argsort(price, kind="stable")
    levels, first = np.unique(price[turns], return_index=True)
    entries = np.split(turns, first[1:]) if levels.size else []
    return [(each, np.flatnonzero(prices == level)) for each, level in zip(entries, levels, strict=True)]
