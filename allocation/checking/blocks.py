"""The pairs of a problem in blocks that fit the processor's cache, each of whole requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation.problem import Problem

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
