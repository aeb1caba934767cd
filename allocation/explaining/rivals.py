"""Who stands ahead in line and wants some of the same bins."""

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.explaining.askers import askers_of
from allocation.problem import Problem


class Rivals:
    """Counts for many requests of one problem; the requests of each bin are listed once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._starts, self._askers = askers_of(problem)

    def ahead(self, request: int) -> tuple[int, int]:
        """Count requests, and the people in them, ahead of this one that ask for at least one of its bins."""
        problem = self._problem
        asked = problem.pair_bin[problem.first_pair[request] : problem.first_pair[request + 1]]
        return _count(self._starts, self._askers, asked, problem.order, problem.party, request)


@compiled
def _count(
    starts: NDArray[np.int64],
    askers: NDArray[np.int32],
    asked: NDArray[np.int32],
    order: NDArray[np.int32],
    party: NDArray[np.int8],
    request: int,
) -> tuple[int, int]:
    seen = np.zeros(order.size, np.bool_)
    requests = people = 0
    for b in asked:
        for at in range(starts[b], starts[b + 1]):
            rival = askers[at]
            if order[rival] < order[request] and not seen[rival]:
                seen[rival] = True
                requests += 1
                people += party[rival]
    return requests, people
