"""The problem as the solvers see it: requests in line order, so that row numbers carry no meaning."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocation.problem import NEUTRAL, Problem

WEIGHT_LIMIT = 1 << 38
TIE_BITS = 28
TIGHTENED_PLACES = 4096
"""Larger bins are not worth tightening: one place in thousands."""


class WeightsTooLargeError(ValueError):
    """The weights of this problem do not fit into 64-bit arithmetic; nothing was computed."""


@dataclass(frozen=True, eq=False)
class Line:
    """n requests in line order with p pairs sorted by (request, bin).

    ``request``: int64 (n,), row in the problem; ``units``, ``weight``: int64 (n,);
    ``start``: int64 (n + 1,), first pair of each; ``row``, ``bin``, ``late``, ``rank``, ``cost``, ``tie``:
    int64 (p,); ``places``: int64 (m,), no more than the requests can fill. Pairs of a request that is larger
    than its bin are left out.
    """

    request: NDArray[np.int64]
    units: NDArray[np.int64]
    weight: NDArray[np.int64]
    start: NDArray[np.int64]
    row: NDArray[np.int64]
    bin: NDArray[np.int64]
    late: NDArray[np.int64]
    rank: NDArray[np.int64]
    cost: NDArray[np.int64]
    tie: NDArray[np.int64]
    places: NDArray[np.int64]

    @property
    def requests(self) -> int:
        """Number of requests, n."""
        return int(self.units.size)

    @property
    def bins(self) -> int:
        """Number of bins, m."""
        return int(self.places.size)

    def value(self, bin_of_row: NDArray[np.int64]) -> int:
        """Objective of a placement: service units served, each times the weight of its request."""
        return int((self.units * self.weight)[bin_of_row >= 0].sum())

    def select(
        self,
        rows: NDArray[np.int64],
        bins: NDArray[np.int64],
        places: NDArray[np.int64],
        pairs: NDArray[np.bool_] | None = None,
    ) -> "Line":
        """Keep only these rows (rising), bins (rising, with these places) and pairs; numbered anew."""
        new_row = np.full(self.requests, -1, np.int64)
        new_row[rows] = np.arange(rows.size)
        new_bin = np.full(self.bins, -1, np.int64)
        new_bin[bins] = np.arange(bins.size)
        row, column = new_row[self.row], new_bin[self.bin]
        keep = (row >= 0) & (column >= 0)
        if pairs is not None:
            keep &= pairs
        keep[keep] = self.units[self.row[keep]] <= places[column[keep]]
        return _tightened(
            Line(
                request=self.request[rows],
                units=self.units[rows],
                weight=self.weight[rows],
                start=_starts(row[keep], rows.size),
                row=row[keep],
                bin=column[keep],
                late=self.late[keep],
                rank=self.rank[keep],
                cost=self.cost[keep],
                tie=self.tie[keep],
                places=places.astype(np.int64),
            )
        )


def line_up(problem: Problem) -> Line:
    """Sort a problem into line order, with weights. WeightsTooLargeError where 64 bits do not suffice."""
    request = np.argsort(problem.order).astype(np.int64)
    row = problem.order[problem.pair_request].astype(np.int64)
    fits = problem.units[problem.pair_request] <= problem.places[problem.pair_bin]
    pairs = np.lexsort((problem.pair_bin, row))
    pairs = pairs[fits[pairs]]
    row = row[pairs]
    column = problem.pair_bin[pairs].astype(np.int64)
    cost = problem.pair_cost[pairs].astype(np.int64)
    return _tightened(
        Line(
            request=request,
            units=problem.units[request].astype(np.int64),
            weight=weights(problem)[request],
            start=_starts(row, request.size),
            row=row,
            bin=column,
            late=problem.pair_late[pairs].astype(np.int64),
            rank=problem.pair_rank[pairs].astype(np.int64),
            cost=cost - (cost.min() if cost.size else 0),
            tie=_tie_break(row, column) % cost_limit(request.size, problem.bins),
            places=problem.places.astype(np.int64),
        )
    )


def weights(problem: Problem) -> NDArray[np.int64]:
    """Weight of one served unit of each request, int64 (n,): strictly decreasing along the line at one compensation.

    Compensation / 1000 times n · f^t rounded down + (places behind it in line), where t counts the tiers below its
    own. Inside a tier the first weighs less than twice the last, so a place is rarely left empty to please one
    person. With u the largest request, f = 2u + 1 makes one unit of a tier weigh more than any one whole request
    below it; where so many tiers do not fit into 64 bits, f is the largest number of quarters that does. For single
    units any strictly decreasing weights serve the same people (Edmonds 1971), so f is 1.

    Raises
    ------
    WeightsTooLargeError
        Even f = 1 does not fit; that takes very many requests.
    """
    n = problem.requests
    if n == 0:
        return np.empty(0, np.int64)
    behind = n - 1 - problem.order.astype(np.int64)
    largest = int(problem.units.max())
    _, below = np.unique(problem.tier, return_inverse=True)
    top = int(below.max()) if largest > 1 else 0
    quarters = 4 * (2 * largest + 1)
    while quarters > 4 and n * quarters**top // 4**top + n > WEIGHT_LIMIT:  # noqa: PLR2004 - four quarters are one
        quarters -= 1
    scale = [n * quarters**t // 4**t for t in range(top + 1)]
    highest = (scale[-1] + n) * int(problem.compensation.max())
    if highest // NEUTRAL * int(problem.units.sum(dtype=np.int64)) >= 1 << 62 or highest >= 1 << 62:
        raise WeightsTooLargeError(f"{n} requests in {top + 1} tiers overflow 64 bits")
    return (np.array(scale, np.int64)[np.minimum(below, top)] + behind) * problem.compensation // NEUTRAL


def cost_limit(requests: int, bins: int) -> int:
    """Largest unit cost for which the flow solver's scaled costs and potentials stay inside 64 bits."""
    return (1 << 62) // (requests + bins + 3) ** 2


def _tightened(line: Line) -> Line:
    """Lower the places to the largest sum that whole requests can fill: three places take one party of two."""
    if not line.row.size:
        return replace(line, places=np.zeros_like(line.places))
    kinds, kind = np.unique(line.units, return_inverse=True)
    counts = np.bincount(line.bin * kinds.size + kind[line.row], minlength=line.bins * kinds.size)
    counts = counts.reshape(line.bins, kinds.size)
    asked = counts @ kinds
    places = np.minimum(line.places, asked)
    # singles close every hole that the larger ones leave
    holes = (kinds[0] > 1) | (counts[:, 0] < kinds[-1] - 1)
    for each in np.flatnonzero(holes & (places < asked) & (places <= TIGHTENED_PLACES)):
        places[each] = _largest_sum(kinds.tolist(), counts[each].tolist(), int(places[each]))
    return replace(line, places=places)


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


def _starts(row: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    starts = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=rows), out=starts[1:])
    return starts


def _tie_break(row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hash of (place in line, bin), so that equal placements do not depend on the solver's inner order.

    The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    """
    mixed = (row.astype(np.uint64) << np.uint64(32)) + column.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(64 - TIE_BITS)).astype(np.int64)
