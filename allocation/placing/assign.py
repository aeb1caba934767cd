"""Single units where they are served best: exact, for all of them at once.

``serve_split`` finds who is served and prices that prove it. Keeping exactly these people served, the optimal plans are
those where each sits in one of the cheapest bins that they accept and every priced bin is full (complementary
slackness). So bins of different prices never compete for anybody, and where and when people are served is settled
price by price, and prices side by side.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.placing.auction import CostsTooLargeError, place_at_least_cost
from allocation.placing.placement import placement_cost
from allocation.serving.split import cheapest
from allocation.side_by_side import Spread
from allocation.weights import WeightsTooLargeError

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
