"""Requests of several units, all in one bin or not at all: a flow for the bound, then whole placements."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.assign import price_bound
from allocation.flow import Flow, bin_prices, goals, lexicographic
from allocation.line import Line


@dataclass(frozen=True, eq=False)
class Placed:
    """``bin_of_row``: int64 (n,), -1 not served; ``prices``: int64 (m,); ``bound`` on every plan's objective."""

    bin_of_row: NDArray[np.int64]
    prices: NDArray[np.int64]
    bound: int


def place_parties(line: Line) -> Placed:
    """Serve parties whole; where some must be left, those behind in line."""
    flow = lexicographic(line, goals(line))
    prices = bin_prices(line, goals(line)[0], flow)
    bin_of_row = round_by_size(line, flow)
    return Placed(bin_of_row, prices, price_bound(line, prices))


def round_by_size(line: Line, flow: Flow) -> NDArray[np.int64]:
    """Make a split flow whole: largest requests first, then the flow again for all the smaller ones.

    The smallest size fills what rounding left open, so with enough singles no place stays empty.
    """
    bin_of_row = np.full(line.requests, -1, np.int64)
    room = line.places.copy()
    rows, all_bins, part = np.arange(line.requests), np.arange(line.bins), line
    for size in np.unique(line.units)[::-1]:
        now = part.units == size
        chosen = _round(part, flow, now, room)
        bin_of_row[rows] = np.where(now, chosen, bin_of_row[rows])
        kept = np.flatnonzero(~now)
        if not kept.size:
            break
        rows = rows[kept]
        part = part.select(kept, all_bins, room)
        flow = lexicographic(part, goals(part))
    return bin_of_row


def _round(part: Line, flow: Flow, now: NDArray[np.bool_], room: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place the requests of this size, taking from ``room``: whole ones where they are, then the split ones.

    A split request goes where most of it is; one that the flow serves less than half is left for later.
    """
    chosen = np.full(part.requests, -1, np.int64)
    used = np.flatnonzero((flow.units > 0) & now[part.row])
    whole = used[flow.units[used] == part.units[part.row[used]]]
    chosen[part.row[whole]] = part.bin[whole]
    np.subtract.at(room, part.bin[whole], part.units[part.row[whole]])
    split = used[flow.units[used] < part.units[part.row[used]]]
    # in line order; within a request the bin with most of it first
    for pair in split[np.lexsort((-flow.units[split], part.row[split]))]:
        row, column = part.row[pair], part.bin[pair]
        if chosen[row] < 0 and 2 * flow.outside[row] <= part.units[row] <= room[column]:
            chosen[row] = column
            room[column] -= part.units[row]
    return chosen
