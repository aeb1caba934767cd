"""Where a plan loses against its bound, and which bins to solve again together.

The distance from any plan to the bound of the prices is a sum of losses that are never negative: for each bin the
price of its empty units; for each request its units times what its bin costs above its cheapest one, or, if it is
not served, times what its weight is above its cheapest bin. A change that touches only some bins and requests
helps exactly if their losses shrink, so no pair whose own loss is as large as all of theirs can be part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.compiled import compiled
from allocation.line import Line
from allocation.serving.whole import cheapest

PIECE_PAIRS = 1_500
"""Pairs of the bins of one neighbourhood, before hopeless ones are left out."""


@dataclass(frozen=True, eq=False)
class Losses:
    """``gain``: int64 (n,), of a unit of each request above its cheapest bin, or 0; at ``prices``, int64 (m,)."""

    prices: NDArray[np.int64]
    gain: NDArray[np.int64]

    def of_bins(self, line: Line, bin_of_row: NDArray[np.int32], room: NDArray[np.int64]) -> NDArray[np.int64]:
        """Loss at each bin, int64 (m,): its room, who sits there, and who is left out and would have paid most."""
        total = self.prices * room
        _add_requests(line.start, line.bin, line.units, line.weight, self.prices, self.gain, bin_of_row, total)
        return total

    def of_pairs(self, line: Line, pairs: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
        """Loss if a request sits there, int64, of some pairs with their rows."""
        return line.units[row] * (self.gain[row] - (line.weight[row] - self.prices[line.bin[pairs]]))


def losses(line: Line, prices: NDArray[np.int64]) -> Losses:
    """Losses of every choice at these prices."""
    lowest = cheapest(line.start, line.bin, prices)
    return Losses(prices, np.maximum(line.weight - np.minimum(lowest, line.weight), 0))


@compiled
def _add_requests(
    start: NDArray[np.int64],
    bins: NDArray[np.int32],
    units: NDArray[np.int64],
    weight: NDArray[np.int64],
    prices: NDArray[np.int64],
    gain: NDArray[np.int64],
    bin_of_row: NDArray[np.int32],
    total: NDArray[np.int64],
) -> None:
    """Add what requests lose where they sit; who is left out, at the first bin that it would have paid most for."""
    for row in range(units.size):
        if bin_of_row[row] < 0 and gain[row] == 0:
            continue
        for pair in range(start[row], start[row + 1]):
            b = bins[pair]
            if bin_of_row[row] == b:
                total[b] += units[row] * (gain[row] - (weight[row] - prices[b]))
            if bin_of_row[row] < 0 and weight[row] - prices[b] == gain[row]:
                total[b] += units[row] * gain[row]
                break


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Rows and bins of a part, rising, and the part itself without the pairs that cannot help."""

    rows: NDArray[np.int64]
    bins: NDArray[np.int64]
    line: Line


class Neighbourhoods:
    """Finds groups of bins that share requests; prepared once for a line."""

    def __init__(self, line: Line, prices: NDArray[np.int64]) -> None:
        self._line = line
        self._losses = losses(line, prices)
        self._edges = columns.starts(_counts(line.bin, line.bins))
        # of a nation, gigabytes: with numbers of 32 bits where they suffice
        small = line.pairs <= np.iinfo(np.int32).max
        self._by_bin: NDArray[np.int32] | NDArray[np.int64]
        self._by_bin = np.empty(line.pairs, np.int32) if small else np.empty(line.pairs, np.int64)
        _sort(line.bin, self._edges[:-1].copy(), self._by_bin)

    def worst_first(self, bin_of_row: NDArray[np.int32], room: NDArray[np.int64]) -> Iterator[int]:
        """Bins with a loss, the largest first."""
        lost = self._losses.of_bins(self._line, bin_of_row, room)
        worst = np.argsort(-lost, kind="stable")
        return iter(worst[lost[worst] > 0].tolist())

    def around(self, centre: int, bin_of_row: NDArray[np.int32], room: NDArray[np.int64]) -> Neighbourhood:
        """Grow by the bin that shares most requests with the centre, up to ``PIECE_PAIRS`` pairs, at least two."""
        line, found = self._line, self._losses
        sharing = np.unique(line.row_of_pairs(self._pairs_of([centre])))
        shared = np.bincount(line.bin[line.pairs_of_rows(sharing)], minlength=line.bins)
        shared[centre] = line.requests + 1
        nearest = np.argsort(-shared, kind="stable")
        count = np.searchsorted(np.cumsum(np.diff(self._edges)[nearest]), PIECE_PAIRS, side="right")
        nearest = nearest[: max(2, int(count))]
        bins = np.sort(nearest[shared[nearest] > 0])

        inside = np.zeros(line.bins, np.bool_)
        inside[bins] = True
        pairs = self._pairs_of(bins.tolist())
        row = line.row_of_pairs(pairs)
        here = bin_of_row[row]
        sits_here = here == line.bin[pairs]
        rows = np.unique(row[(here < 0) | inside[here]])
        of_pair = found.of_pairs(line, pairs, row)
        loss = int((found.prices * room)[bins].sum()) + int(of_pair[sits_here].sum())
        outside = rows[bin_of_row[rows] < 0]
        loss += int((line.units[outside] * found.gain[outside]).sum())
        kept = (of_pair < loss) | sits_here
        keep = np.zeros(line.pairs, np.bool_)
        keep[pairs] = kept
        rows = rows[np.isin(rows, row[kept])]
        return Neighbourhood(rows, bins, line.select(rows, bins, line.places[bins], pairs=keep))

    def _pairs_of(self, bins: list[int]) -> NDArray[np.int64]:
        pairs = [self._by_bin[self._edges[each] : self._edges[each + 1]] for each in bins]
        return np.concatenate(pairs).astype(np.int64)


@compiled
def _counts(bins: NDArray[np.int32], m: int) -> NDArray[np.int64]:
    """Count the pairs of each bin, int64 (m,)."""
    counts = np.zeros(m, np.int64)
    for b in bins:
        counts[b] += 1
    return counts


@compiled
def _sort(bins: NDArray[np.int32], free: NDArray[np.int64], by_bin: NDArray[np.int32] | NDArray[np.int64]) -> None:
    """Write the pairs bin by bin, rising; ``free``: where each bin's begin."""
    for pair in range(bins.size):
        by_bin[free[bins[pair]]] = pair
        free[bins[pair]] += 1
