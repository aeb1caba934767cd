"""Who could make room for whom: moves of single requests between bins, without a solver."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.checking.proof import blocks
from allocation.problem import Problem

ROOM = np.iinfo(np.int64).max
"""Stands for "somewhere there is room" where a position in line is expected."""
NOBODY = np.int64(-1)
TABLE = 1 << 28
"""Largest table of bins × bins that is made instead of sorting, in bytes."""


def last_displaced(
    problem: Problem, bin_of_request: NDArray[np.int32], standing: NDArray[np.integer] | None = None
) -> NDArray[np.int64]:
    """Return the request that one more single request in each bin would put out, int64 (m,).

    The position of the request that is last in line among the requests of one unit that sit in this bin or in
    any bin to which a chain of moves leads; ``ROOM`` where such a chain ends at a free unit; ``NOBODY`` where
    only larger requests sit. Larger requests stay where they are.

    Parameters
    ----------
    problem
        n requests, m bins.
    bin_of_request
        int32 (n,), of a feasible plan; -1 where not served.
    standing
        int (n,), at least 0, lower goes first; default: the position in line.

    Notes
    -----
    A request of one unit that accepts the bin takes part in the best plan exactly where it stands ahead of this
    position: the exchange property of transversal matroids. Linear time: every pair is looked at once to see which
    bins can pass someone on to which; then, from the bin with the last one in line downwards, each bin not reached
    yet that leads to it is reached once, and each such move is looked at once.
    """
    standing = problem.order if standing is None else standing
    here = bin_of_request.astype(np.int64)
    served = here >= 0
    used = np.bincount(here[served], problem.units[served], problem.bins)  # float64, exact up to 2^53
    single = served & (problem.units == 1)
    last = np.where(problem.places > used, ROOM, NOBODY)
    np.maximum.at(last, here[single], standing[single].astype(np.int64))

    here[~single] = -1
    starts, sources = _moves(problem, here)
    reach, reached = np.full(problem.bins, NOBODY), np.zeros(problem.bins, np.bool_)
    for end in np.argsort(last)[::-1].tolist():
        waiting = [] if reached[end] else [end]
        reached[end] = True
        while waiting:
            target = waiting.pop()
            reach[target] = last[end]
            before = sources[starts[target] : starts[target + 1]]
            before = before[~reached[before]]
            reached[before] = True
            waiting += before.tolist()
    return reach


def _moves(problem: Problem, here: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the bins from which someone could move into each bin: where each bin's begin, int64 (m + 1,), and all.

    ``here``: int64 (n,), bin of those who may move, -1 for the others.
    """
    m = problem.bins
    small = m * m <= TABLE
    seen = np.zeros(m * m if small else 0, np.bool_)
    found: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    for block in blocks(problem):
        source = block.spread(here)
        move = (problem.pair_bin[block.pairs] * np.int64(m) + source)[source >= 0]
        if small:
            seen[move] = True
        else:
            found.append(np.unique(move))
    moves = np.flatnonzero(seen) if small else np.unique(np.concatenate(found))
    return np.searchsorted(moves, np.arange(m + 1) * np.int64(m)), moves % max(m, 1)


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
