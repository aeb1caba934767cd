"""The problem as the solvers see it: requests in line order, so that row numbers carry no meaning."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.problem import Problem
from allocation.weights import weights

TIGHTENED_PLACES = 4096
"""Larger bins are not worth tightening: one place in thousands."""


@dataclass(frozen=True, eq=False)
class Line:
    """n requests in line order with p pairs sorted by (request, bin).

    ``request``: int64 (n,), row in the problem; ``units``, ``weight``: int64 (n,); ``start``: int64 (n + 1,),
    first pair of each; ``bin``: int32, ``late``: bool, ``rank``: int8, ``cost``: int16, each (p,);
    ``places``: int64 (m,), no more than the requests can fill. Pairs of a request that is larger than its bin are
    left out. ``steps``: what one rank and what being late weigh against the cost, see ``placement_steps``.
    """

    request: NDArray[np.int64]
    units: NDArray[np.int64]
    weight: NDArray[np.int64]
    start: NDArray[np.int64]
    bin: NDArray[np.int32]
    late: NDArray[np.bool_]
    rank: NDArray[np.int8]
    cost: NDArray[np.int16]
    places: NDArray[np.int64]
    steps: tuple[int, int] = (0, 0)

    @property
    def requests(self) -> int:
        """Number of requests, n."""
        return int(self.units.size)

    @property
    def bins(self) -> int:
        """Number of bins, m."""
        return int(self.places.size)

    @property
    def pairs(self) -> int:
        """Number of pairs, p."""
        return int(self.bin.size)

    @property
    def single(self) -> bool:
        """Whether every request takes one unit: then the plan is exact."""
        return bool(self.units.max(initial=1) == 1)

    @cached_property
    def row(self) -> NDArray[np.int64]:
        """Row of each pair, int64 (p,)."""
        return np.repeat(np.arange(self.requests), np.diff(self.start))

    def row_of_pairs(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of a few pairs, int64."""
        return np.searchsorted(self.start, pairs, side="right") - 1

    def pairs_of_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pairs of a few rows, int64, row after row."""
        counts = self.start[rows + 1] - self.start[rows]
        return np.repeat(self.start[rows] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())

    def value(self, bin_of_row: NDArray[np.int32]) -> int:
        """Objective of a placement: service units served, each times the weight of its request."""
        return int((self.units * self.weight)[bin_of_row >= 0].sum())

    def room(self, bin_of_row: NDArray[np.int32]) -> NDArray[np.int64]:
        """Free places of each bin in a placement, int64 (m,)."""
        served = bin_of_row >= 0
        used = np.bincount(bin_of_row[served], weights=self.units[served], minlength=self.bins)
        return self.places - used.astype(np.int64)  # the floats are exact: no sum comes near 2^53

    def select(
        self,
        rows: NDArray[np.int64],
        bins: NDArray[np.int64],
        places: NDArray[np.int64],
        pairs: NDArray[np.bool_] | None = None,
    ) -> "Line":
        """Keep only these rows (rising), bins (rising, with these places) and pairs; numbered anew."""
        places = places.astype(np.int64)
        of_bin = np.full(self.bins, -1, np.int32)
        of_bin[bins] = np.arange(bins.size)
        every = np.ones(0, np.bool_) if pairs is None else pairs
        here = _Pairs(self.bin, self.late, self.rank, self.cost)
        most = int((self.start[rows + 1] - self.start[rows]).sum())
        kept = _Kept(  # what is not written takes no memory
            bin=np.empty(most, np.int32),
            late=np.empty(most, np.bool_),
            rank=np.empty(most, np.int8),
            cost=np.empty(most, np.int16),
            start=np.zeros(rows.size + 1, np.int64),
            asked=np.zeros(bins.size, np.int64),
        )
        _copy(self.start, here, self.units, rows, of_bin, places, every, kept)
        found = int(kept.start[-1])
        chosen = Line(
            request=self.request[rows],
            units=self.units[rows],
            weight=self.weight[rows],
            start=kept.start,
            bin=kept.bin[:found],
            late=kept.late[:found],
            rank=kept.rank[:found],
            cost=kept.cost[:found],
            places=places,
            steps=self.steps,
        )
        return replace(chosen, places=np.minimum(places, kept.asked) if chosen.single else usable(chosen))


class _Pairs(NamedTuple):
    """The columns of the pairs of a line."""

    bin: NDArray[np.int32]
    late: NDArray[np.bool_]
    rank: NDArray[np.int8]
    cost: NDArray[np.int16]


class _Kept(NamedTuple):
    """Room for the pairs of a part, with where those of each row start, and the units of all who accept each bin."""

    bin: NDArray[np.int32]
    late: NDArray[np.bool_]
    rank: NDArray[np.int8]
    cost: NDArray[np.int16]
    start: NDArray[np.int64]
    asked: NDArray[np.int64]


def as_asked(problem: Problem) -> Line:
    """Return the requests in the order of the problem, whose columns of pairs it shares, with what they weigh.

    Pairs that are too small for their request are there, and all places.

    Raises
    ------
    WeightsTooLargeError
        64 bits do not suffice for the weights.
    """
    return Line(
        request=np.arange(problem.requests),
        units=problem.units.astype(np.int64),
        weight=weights(problem),
        start=problem.first_pair,
        bin=problem.pair_bin,
        late=problem.pair_late,
        rank=problem.pair_rank,
        cost=problem.pair_cost,
        places=problem.places.astype(np.int64),
    )


@compiled
def _copy(
    start: NDArray[np.int64],
    here: _Pairs,
    units: NDArray[np.int64],
    rows: NDArray[np.int64],
    of_bin: NDArray[np.int32],
    places: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    kept: _Kept,
) -> None:
    """Write the pairs of these rows that are kept, in their order, each row's start, and what each bin is asked for.

    All in one loop over columns that stand apart: to hand them on for each pair is ten times the work.
    """
    bins, late, rank, cost = here
    every, found = allowed.size == 0, 0
    to_bin, to_late, to_rank, to_cost, to_start, asked = kept
    for i in range(rows.size):
        row = rows[i]
        needed = units[row]
        for pair in range(start[row], start[row + 1]):
            b = of_bin[bins[pair]]
            if b >= 0 and needed <= places[b] and (every or allowed[pair]):
                to_bin[found] = b
                to_late[found] = late[pair]
                to_rank[found] = rank[pair]
                to_cost[found] = cost[pair]
                asked[b] += needed
                found += 1
        to_start[i + 1] = found


def usable(line: Line) -> NDArray[np.int64]:
    """Largest number of units up to its places that whole requests can fill in each bin: three take one party of two.

    int64 (m,).
    """
    if not line.requests:
        return np.zeros_like(line.places)
    kinds, kind = np.unique(line.units, return_inverse=True)
    counts = _counts(line.start, line.bin, line.units, line.places, kind.astype(np.int64), kinds.size)
    asked = counts @ kinds
    places: NDArray[np.int64] = np.minimum(line.places, asked)
    # singles close every hole that the larger ones leave
    holes = (kinds[0] > 1) | (counts[:, 0] < kinds[-1] - 1)
    for each in np.flatnonzero(holes & (places < asked) & (places <= TIGHTENED_PLACES)):
        places[each] = _largest_sum(kinds.tolist(), counts[each].tolist(), int(places[each]))
    return places


@compiled
def _counts(
    start: NDArray[np.int64],
    bins: NDArray[np.int32],
    units: NDArray[np.int64],
    places: NDArray[np.int64],
    kind: NDArray[np.int64],
    kinds: int,
) -> NDArray[np.int64]:
    """How many requests of each kind accept each bin that takes them, int64 (m, kinds)."""
    counts = np.zeros((places.size, kinds), np.int64)
    for row in range(kind.size):
        for pair in range(start[row], start[row + 1]):
            if units[row] <= places[bins[pair]]:
                counts[bins[pair], kind[row]] += 1
    return counts


def _largest_sum(sizes: list[int], counts: list[int], places: int) -> int:
    """Largest sum up to ``places`` of at most ``counts`` of each size; bit s of the set says s can be reached."""
    reached, mask = 1, (1 << (places + 1)) - 1
    for size, available in zip(sizes, counts, strict=True):
        left, step = min(available, places // size), 1
        while left > 0:
            take = min(step, left)
            reached |= (reached << (size * take)) & mask
            left, step = left - take, step * 2
    return reached.bit_length() - 1
