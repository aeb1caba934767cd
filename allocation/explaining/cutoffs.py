"""How far ahead in line a request of any size must stand to get into a bin.

The exchange. Take the plan's larger requests as given. On the places that they leave, sets of single requests that can
be served together are the independent sets of a transversal matroid. A request of k units for bin b is k copies of a
unit that accepts b alone. Let them in one at a time. A chain of moves that starts in b ends at a free place, or else
the bins that chains reach are full of singles who accept only bins among them: these singles, the copies in b and the
new copy hold one circuit, and leaving out its lightest single keeps the set the heaviest that holds all the copies
(Edmonds 1971, "Matroids and the greedy algorithm"). What chains reach only shrinks, so each single that leaves is at
least as heavy as those before. So k copies heavier than the k-th of them all belong to the heaviest set, and lighter
ones do not: its turn is the cut-off.

In line order. Nobody moves, so the room of a bin only falls. The cut-off is the turn of the request that took
the last room for k units.
"""

import numpy as np
from numpy.typing import NDArray

from allocation.checking.reach import NOBODY, ROOM, last_displaced
from allocation.compiled import compiled
from allocation.explaining.chains import Chains, chains_of, let_in, take_back
from allocation.plan import Mechanism, Plan
from allocation.problem import NEUTRAL, Problem
from allocation.weights import weights


class Cutoffs:
    """Cut-offs of one plan, each computed when first asked for.

    Parameters
    ----------
    problem
        n requests, m bins.
    plan
        A feasible plan by exchange or in line order.

    Attributes
    ----------
    turn
        int64 (n,), a permutation: when each request has its turn. By exchange the heaviest unit goes first, equal
        weights in line order; else it is the position in line.

    Raises
    ------
    ValueError
        The plan follows the order of arrival, which the problem does not hold.

    Notes
    -----
    One unit of all bins, and everything in line order, takes linear time. By exchange, each further unit of one bin
    takes a search over bins (see ``chains``); what is asked for twice is looked up.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        if plan.mechanism is Mechanism.FIRST_COME:
            raise ValueError("plan: first-come follows the order of arrival, which is not in the problem")
        self._problem, self._bins = problem, plan.bin_of_request
        self._sizes = np.unique(np.append(problem.units, 1)).astype(np.int64)
        self._table = np.full((problem.bins, self._sizes.size), NOBODY)
        self._chains: Chains | None = None
        self.turn = problem.order.astype(np.int64)
        if plan.mechanism is Mechanism.IN_LINE:
            self._table[problem.places[:, None] >= self._sizes] = ROOM
            line = np.argsort(self.turn)
            _fall(line, self._bins, problem.units, problem.places.astype(np.int64), self._sizes, self._table)
            self._known = np.full(problem.bins, self._sizes.size)
        else:
            if np.any(problem.compensation != NEUTRAL):  # without it, weights fall along the line
                self.turn[np.lexsort((problem.order, -weights(problem)))] = np.arange(problem.requests)
            self._table[:, 0] = last_displaced(problem, self._bins, self.turn)
            self._known = np.ones(problem.bins, np.int64)

    def of(self, units: int, bins: NDArray[np.int64] | None = None, *, until: int = -1) -> NDArray[np.int64]:
        """Return the cut-offs of some bins, or of all, for one more request of so many units.

        Parameters
        ----------
        units
            A size that some request has, or 1.
        bins
            int64 (k,).
        until
            Search no further once a cut-off is known to be at this turn or before it; what is given for such a bin is
            then some turn up to this one. Default: give all exactly.

        Returns
        -------
        NDArray[np.int64]
            (k,) or (m,). The request gets a place exactly at an earlier turn. ``ROOM`` where nobody has to leave, -1
            where no turn would do.

        Raises
        ------
        ValueError
            No request has this size.
        """
        size = int(np.searchsorted(self._sizes, units))
        if size == self._sizes.size or self._sizes[size] != units:
            raise ValueError(f"units: no request has {units}")
        bins = np.arange(self._problem.bins) if bins is None else bins
        if np.any(self._known[bins] <= size):
            if self._chains is None:
                self._chains = chains_of(self._problem, self._bins, self.turn)
            _search(self._chains, bins, self._sizes, size, until, self._table, self._known)
        cut_offs: NDArray[np.int64] = self._table[bins, size]
        return cut_offs


@compiled
def _search(
    chains: Chains,
    bins: NDArray[np.int64],
    sizes: NDArray[np.int64],
    size: int,
    until: int,
    table: NDArray[np.int64],
    known: NDArray[np.int64],
) -> None:
    """Compute the cut-offs of bins up to ``sizes[size]`` units, each until it is at turn ``until`` or before."""
    log = np.empty((64, 3), np.int64)
    for b in bins:
        if known[b] > size or table[b, known[b] - 1] <= until:
            continue
        moves, taken, cut_off = 0, 0, ROOM
        for column in range(size + 1):
            while taken < sizes[column] and cut_off != NOBODY:
                cut_off, log, moves = let_in(chains, b, log, moves)
                taken += cut_off != NOBODY
            table[b, column] = cut_off
            known[b] = max(known[b], column + 1)
            if cut_off <= until:
                break
        take_back(chains, b, taken, log, moves)


@compiled
def _fall(
    line: NDArray[np.int64],
    bin_of_request: NDArray[np.int32],
    units: NDArray[np.int16],
    room: NDArray[np.int64],
    sizes: NDArray[np.int64],
    table: NDArray[np.int64],
) -> None:
    """Note at whose position a bin's room fell below each size."""
    for position in range(line.size):
        b = bin_of_request[line[position]]
        if b >= 0:
            room[b] -= units[line[position]]
            for column in range(sizes.size - 1, -1, -1):
                if room[b] >= sizes[column]:
                    break
                table[b, column] = min(table[b, column], position)
