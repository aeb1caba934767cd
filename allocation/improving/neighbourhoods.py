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

from allocation.line import Line

PIECE_PAIRS = 1_500
"""Pairs of the bins of one neighbourhood, before hopeless ones are left out."""


@dataclass(frozen=True, eq=False)
class Losses:
    """``of_pair``: int64 (p,), if a request sits there; ``outside``: int64 (n,), if it is not served; at ``prices``."""

    prices: NDArray[np.int64]
    of_pair: NDArray[np.int64]
    outside: NDArray[np.int64]

    def of_bins(self, line: Line, bin_of_row: NDArray[np.int32], room: NDArray[np.int64]) -> NDArray[np.int64]:
        """Loss at each bin, int64 (m,): its room, who sits there, and who is left out and would have paid most."""
        total = self.prices * room
        seated = np.flatnonzero(bin_of_row[line.row] == line.bin)
        np.add.at(total, line.bin[seated], self.of_pair[seated])
        left_out = np.flatnonzero((bin_of_row[line.row] < 0) & (self.of_pair == 0) & (self.outside[line.row] > 0))
        _, first = np.unique(line.row[left_out], return_index=True)
        np.add.at(total, line.bin[left_out[first]], self.outside[line.row[left_out[first]]])
        return total


def losses(line: Line, prices: NDArray[np.int64]) -> Losses:
    """Losses of every choice at these prices."""
    profit = line.weight[line.row] - prices[line.bin]
    gain = np.zeros(line.requests, np.int64)
    np.maximum.at(gain, line.row, profit)
    return Losses(prices, line.units[line.row] * (gain[line.row] - profit), line.units * gain)


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
        self._by_bin = np.argsort(line.bin, kind="stable")
        self._edges = np.searchsorted(line.bin[self._by_bin], np.arange(line.bins + 1))

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
        loss = int((found.prices * room)[bins].sum()) + int(found.of_pair[pairs[sits_here]].sum())
        loss += int(found.outside[rows[bin_of_row[rows] < 0]].sum())
        kept = (found.of_pair[pairs] < loss) | sits_here
        keep = np.zeros(line.pairs, np.bool_)
        keep[pairs] = kept
        rows = rows[np.isin(rows, row[kept])]
        return Neighbourhood(rows, bins, line.select(rows, bins, line.places[bins], pairs=keep))

    def _pairs_of(self, bins: list[int]) -> NDArray[np.int64]:
        return np.concatenate([self._by_bin[self._edges[each] : self._edges[each + 1]] for each in bins])
