"""The requests that accept each bin: the pairs of a problem, by bin."""

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.compiled import compiled
from allocation.problem import Problem


def askers_of(problem: Problem) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Where each bin's requests begin, int64 (m + 1,), and the requests, by bin, rising; int32 (p,)."""
    starts = columns.starts(np.bincount(problem.pair_bin, minlength=problem.bins))
    return starts, _by_bin(problem.pair_request, problem.pair_bin, starts[:-1].copy())


@compiled
def _by_bin(pair_request: NDArray[np.int32], pair_bin: NDArray[np.int32], end: NDArray[np.int64]) -> NDArray[np.int32]:
    askers = np.empty(pair_bin.size, np.int32)
    for pair in range(pair_bin.size):
        b = pair_bin[pair]
        askers[end[b]] = pair_request[pair]
        end[b] += 1
    return askers
