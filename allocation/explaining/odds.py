"""How likely a place would have been for one more asker, in a draw that is over.

A lottery has cut-offs: whoever has an earlier turn gets a place. One more asker of the lowest tier would have had each
turn among its peers with the same probability, so the share of the turns before the cut-off is its chance
(Abdulkadiroğlu, Angrist, Narita and Pathak 2017, "Research Design Meets Market Design").
"""

import numpy as np
from numpy.typing import NDArray

from allocation.checking.reach import NOBODY, ROOM
from allocation.explaining.cutoffs import Cutoffs
from allocation.plan import Plan
from allocation.problem import Problem


def odds(problem: Problem, plan: Plan, *, units: int) -> NDArray[np.float64]:
    """Return the chance of one more request at each bin, where it would have accepted this bin alone, float64 (m,).

    Parameters
    ----------
    problem
        n requests, m bins.
    plan
        A feasible plan by exchange or in line order.
    units
        What it would have taken; a size that some request has, or 1.
    """
    if not problem.requests:
        return (problem.places >= units).astype(np.float64)
    cutoffs = Cutoffs(problem, plan)
    cut = cutoffs.of(units)
    newcomers = problem.tier == 0
    peers = newcomers & (problem.units == units)
    turns = np.sort(cutoffs.turn[peers if peers.any() else newcomers])
    share = np.searchsorted(turns, cut).astype(np.float64)
    displaced = np.zeros(problem.requests, np.bool_)
    displaced[cutoffs.turn] = newcomers
    share += displaced[np.where((cut == ROOM) | (cut == NOBODY), 0, cut)]
    return np.where(cut == ROOM, 1.0, np.where(cut == NOBODY, 0.0, share / (turns.size + 1)))
