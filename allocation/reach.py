"""Who could make room for whom: moves of single requests between bins, without a solver."""

import numpy as np
from numpy.typing import NDArray

from allocation.problem import Problem

ROOM = np.iinfo(np.int64).max
"""Stands for "somewhere there is room" where a position in line is expected."""
NOBODY = np.int64(-1)


def last_displaced(problem: Problem, bin_of_request: NDArray[np.int32]) -> NDArray[np.int64]:
    """For each bin, whom one more single request in it would put out, int64 (m,).

    The position of the request that is last in line among the requests of one unit that sit in this bin or in
    any bin to which a chain of moves leads; ``ROOM`` where such a chain ends at a free unit; ``NOBODY`` where
    only larger requests sit. Larger requests stay where they are.

    Notes
    -----
    A request of one unit that accepts the bin takes part in the best plan exactly where it stands ahead of this
    position: the exchange property of transversal matroids. The loop reaches each bin at most once for each
    bin on a chain, and stops when a pass changes nothing.
    """
    here = bin_of_request.astype(np.int64)
    served = np.flatnonzero(here >= 0)
    used = np.zeros(problem.bins, np.int64)
    np.add.at(used, here[served], problem.units[served])
    single = served[problem.units[served] == 1]

    reach = np.where(problem.places > used, ROOM, NOBODY)
    np.maximum.at(reach, here[single], problem.order[single])
    mover = np.zeros(problem.requests, np.bool_)
    mover[single] = True
    movable = mover[problem.pair_request]
    # arcs from the bin where a request sits to each bin it accepts, once each, grouped by the first
    arcs = np.unique(here[problem.pair_request[movable]] * problem.bins + problem.pair_bin[movable])
    if not arcs.size:
        return reach
    source, target = arcs // problem.bins, arcs % problem.bins
    firsts = np.flatnonzero(np.diff(source, prepend=-1))
    sources = source[firsts]
    while True:
        through = np.maximum(reach[sources], np.maximum.reduceat(reach[target], firsts))
        if np.array_equal(through, reach[sources]):
            return reach
        reach[sources] = through
