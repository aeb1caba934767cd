"""What prices prove, by weak duality, with plain numpy and without the solver.

The rules of weights and usable places are written a second time here on purpose: a mistake in the solver must
not hide in its own check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation.problem import NEUTRAL, Problem

PAIRS = 1 << 18
"""Pairs of one block: columns of it stay in the cache and are never gigabytes."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some requests, ``rows``, with all their ``pairs``; ``counts``: int64, pairs of each request."""

    rows: slice
    pairs: slice
    counts: NDArray[np.int64]

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Repeat one value for each of all n requests at each pair of the block's requests."""
        return np.repeat(values[self.rows], self.counts)

    def reduce(self, function: np.ufunc, values: NDArray[Any], empty: Any) -> NDArray[Any]:
        """Reduce one value for each pair to one for each request; ``empty`` for a request without pairs."""
        filled = np.flatnonzero(self.counts)
        result = np.full(self.counts.size, empty, values.dtype)
        if filled.size:
            starts = np.cumsum(self.counts) - self.counts
            result[filled] = function.reduceat(values, starts[filled])
        return result


def blocks(problem: Problem) -> Iterator[Block]:
    """Yield all requests and pairs, some hundred thousand pairs at a time; one request is never divided."""
    starts = problem.first_pair
    marks = np.arange(PAIRS, problem.pairs, PAIRS)
    edges = np.unique(np.concatenate(([0], np.searchsorted(starts, marks), [problem.requests])))
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        pairs = slice(int(starts[low]), int(starts[high]))
        yield Block(slice(low, high), pairs, np.diff(starts[low : high + 1]))


HIGHEST_WEIGHT = 1 << 38
TIGHTENED_PLACES = 4096
_NOWHERE = np.iinfo(np.int64).max


def line_weights(problem: Problem) -> NDArray[np.int64]:
    """Weight of one unit of each request, int64 (n,), by the rule in ``docs/allocation.md``."""
    n, largest = problem.requests, int(problem.units.max(initial=1))
    behind = n - 1 - problem.order.astype(np.int64)
    tiers = np.unique(problem.tier) if largest > 1 else np.zeros(1, np.int16)
    power = _powers(n, 2 * largest + 1, len(tiers))
    level = np.searchsorted(tiers, problem.tier) if largest > 1 else np.zeros(n, np.int64)
    return (np.array(power, np.int64)[level] + behind) * problem.compensation // NEUTRAL


def _powers(n: int, factor: int, levels: int) -> list[int]:
    """Return n · f^t rounded down for each level t, f the largest number of quarters up to ``factor`` that fits."""
    top = max(levels - 1, 0)
    low, high = 4, 4 * factor  # in quarters; one always fits
    while low < high:
        middle = (low + high + 1) // 2
        if n * middle**top // 4**top + n > HIGHEST_WEIGHT:
            high = middle - 1
        else:
            low = middle
    return [n * low**level // 4**level for level in range(levels)]


def usable_places(problem: Problem) -> NDArray[np.int64]:
    """Largest number of units that whole requests can fill in each bin, int64 (m,).

    A bin of three places that only parties of two ask for can never hold more than two units. Bins of more than
    ``TIGHTENED_PLACES`` are only held to what is asked for: there it would be one place in thousands.
    """
    sizes, kind = np.unique(problem.units, return_inverse=True)
    return usable_of(problem, sizes, asked_by_size(problem, sizes, kind))


def usable_of(problem: Problem, sizes: NDArray[np.int16], asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Do what `usable_places` does, given what `asked_by_size` counted."""
    usable = np.minimum(problem.places, asked @ sizes.astype(np.int64))
    # where there are singles enough to fill up any gap that the others leave, every sum can be reached
    singles = asked[:, 0] if sizes.size and sizes[0] == 1 else np.zeros(problem.bins, np.int64)
    largest = np.max(np.where(asked > 0, sizes, 0), axis=1, initial=0)
    gaps = (singles < largest - 1) & (usable == problem.places) & (usable <= TIGHTENED_PLACES)
    for column in np.flatnonzero(gaps).tolist():
        usable[column] = _largest_sum(int(usable[column]), sizes.tolist(), asked[column].tolist())
    return usable


def asked_by_size(problem: Problem, sizes: NDArray[np.int16], kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many requests of each size ask for each bin that is large enough for them, int64 (m, k); ``kind``: (n,)."""
    kind = kind.astype(np.int32)
    asked = np.zeros((problem.bins, sizes.size), np.int64)
    for block in blocks(problem):
        column = problem.pair_bin[block.pairs] * np.int64(sizes.size) + block.spread(kind)
        asked += np.bincount(column, minlength=asked.size).reshape(asked.shape)
    asked[sizes > problem.places[:, None]] = 0  # a request that does not fit does not count
    return asked


def _largest_sum(places: int, sizes: Sequence[int], counts: Sequence[int]) -> int:
    """Largest sum up to ``places`` of at most so many of each size."""
    sums, within = 1, (2 << places) - 1  # bit s is set where some of the requests so far take s units together
    for size, count in zip(sizes, counts, strict=True):
        left, many = min(count, places // size), 1
        while left:
            many = min(many, left)
            sums |= sums << (size * many) & within
            left -= many
            many *= 2
    return sums.bit_length() - 1


def price_bound(problem: Problem, prices: NDArray[np.int64]) -> int:
    """Return what no plan is worth more than, at any prices that are not negative.

    Parameters
    ----------
    problem
        n requests, m bins.
    prices
        int64 (m,), of one unit in each bin; at least 0.

    Notes
    -----
    Weak duality. With weights w, units u and prices π, whoever sits in bin b brings u·w = u·π_b + u·(w − π_b): the
    first parts of a bin add up to at most its usable places times its price, the second is at most u times what
    the request gains in the cheapest bin that is large enough for it.
    """
    prices = prices.astype(np.int64)
    lowest = np.full(problem.requests, _NOWHERE)
    for block in blocks(problem):
        column = problem.pair_bin[block.pairs]
        price = prices[column]
        price[block.spread(problem.units) > problem.places[column]] = _NOWHERE
        lowest[block.rows] = block.reduce(np.minimum, price, _NOWHERE)
    gain = np.maximum(line_weights(problem) - lowest, 0)
    kept: int = sum(
        places * price for places, price in zip(usable_places(problem).tolist(), prices.tolist(), strict=True)
    )
    return kept + exact_sum(gain * problem.units)


def exact_sum(values: NDArray[np.int64]) -> int:
    """Sum of integers that are not negative, exact also where 64 bits do not hold it."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
