"""Whether a plan is what comes out when each in turn takes the best that is left, with plain numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.checking.blocks import blocks
from allocation.problem import Problem

_NOTHING = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Missed:
    """The best bin that had room for a request at its turn, better than what it got."""

    request: int
    bin: int


def first_missed(problem: Problem, bin_of_request: NDArray[np.int32]) -> Missed | None:
    """Find the request, first in line, that did not get the best bin with room at its turn; None if all did.

    Better is in time before late, then a lower rank, then a lower cost, then a lower bin number.

    Parameters
    ----------
    problem
        n requests, m bins.
    bin_of_request
        int32 (n,), of a feasible plan: each in a bin that it accepts, no bin over its places.

    Notes
    -----
    Nobody goes back, so the room of a bin only falls. Whether a request of some size still found room is therefore
    one comparison of its position with that of the request that took the room below this size: linear time in pairs.
    """
    sizes, kind = np.unique(problem.units, return_inverse=True)
    closed = _closed_by(problem, bin_of_request, sizes)
    missed = np.full(problem.requests, _NOTHING)
    for block in blocks(problem):
        column = problem.pair_bin[block.pairs]
        regret = _regret(problem, block.pairs)
        had_room = block.spread(problem.order) <= closed[column, block.spread(kind)]
        best = block.reduce(np.minimum, np.where(had_room, regret, _NOTHING), _NOTHING)
        own = column == block.spread(bin_of_request)
        given = block.reduce(np.minimum, np.where(own, regret, _NOTHING), _NOTHING)
        missed[block.rows] = np.where(best < given, best, _NOTHING)
    rows = np.flatnonzero(missed < _NOTHING)
    if not rows.size:
        return None
    request = int(rows[np.argmin(problem.order[rows])])
    return Missed(request, int(missed[request]) & np.iinfo(np.int32).max)


def _closed_by(problem: Problem, bin_of_request: NDArray[np.int32], sizes: NDArray[np.int16]) -> NDArray[np.int64]:
    """Position of who took a bin's room below each size, int64 (m, sizes); n where nobody, -1 where it never had it."""
    n = problem.requests
    closed = np.where(problem.places[:, None] >= sizes, np.int64(n), np.int64(-1))
    served = np.flatnonzero(bin_of_request >= 0)
    served = served[np.lexsort((problem.order[served], bin_of_request[served]))]
    if not served.size:
        return closed
    bins, starts, counts = np.unique(bin_of_request[served], return_index=True, return_counts=True)
    taken = np.cumsum(problem.units[served], dtype=np.int64)
    before = np.repeat(taken[starts] - problem.units[served[starts]], counts)
    room = problem.places[bin_of_request[served]] - (taken - before)
    for column, size in enumerate(sizes.tolist()):
        turn = np.where(room < size, problem.order[served], n)
        closed[bins, column] = np.minimum(closed[bins, column], np.minimum.reduceat(turn, starts))
    return closed


def _regret(problem: Problem, pairs: slice) -> NDArray[np.int64]:
    """Put late, rank, cost and bin into one number, lower is better: 1, 7, 16 and 31 bits."""
    late, rank = problem.pair_late[pairs].astype(np.int64), problem.pair_rank[pairs].astype(np.int64)
    cost = problem.pair_cost[pairs].astype(np.int64) - np.iinfo(np.int16).min
    return (late << 54) | (rank << 47) | (cost << 31) | problem.pair_bin[pairs]
