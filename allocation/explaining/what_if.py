"""What would have happened to a request with other wishes, or elsewhere in line: by drawing again."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allocation import columns
from allocation.generation import NEWEST_GENERATION
from allocation.plan import Plan
from allocation.problem import Problem
from allocation.solver import solve

_WORST: Final = int(np.iinfo(np.int8).max)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The problem with one request changed, its plan, and the bin that this request gets in it, -1 where none."""

    problem: Problem
    plan: Plan
    bin: int

    @property
    def served(self) -> bool:
        """Whether the request would have had a place."""
        return self.bin >= 0


def what_if(
    problem: Problem,
    request: int,
    *,
    bins: ArrayLike = (),
    position: int | None = None,
    seconds: float = 60.0,
    generation: int = NEWEST_GENERATION,
) -> WhatIf:
    """Draw again with one request changed, everything else being equal.

    Nothing is held fixed, unlike in ``explain``: with the ``seconds`` and the ``generation`` of the draw itself, this
    is what the draw would have given.

    Parameters
    ----------
    problem
        As it was drawn.
    request
        The row that changes.
    bins
        int (k,), bins that it accepts too, in this order after all others; those that it accepts already stay as they
        are.
    position
        Where it stands in line, 0 first. Those between the old and the new position make way by one; it takes the
        tier of the one whose position it takes. Default: where it stood.
    seconds
        Limit on the search, above 0: the draw's own for the plan that the draw would have given.
    generation
        Of the way in which plans are made, see `allocation.generation`.

    Raises
    ------
    IndexError
        No such request.
    ValueError
        A bin or a position that does not exist, or more choices than a rank can count.
    """
    if not 0 <= request < problem.requests:
        raise IndexError(f"no request {request} among {problem.requests}")
    if position is not None:
        problem = _moved(problem, request, position)
    problem = _accepting(problem, request, columns.integers("bins", bins, np.int32))
    plan = solve(problem, seconds=seconds, generation=generation)
    return WhatIf(problem, plan, int(plan.bin_of_request[request]))


def _moved(problem: Problem, request: int, position: int) -> Problem:
    if not 0 <= position < problem.requests:
        raise ValueError(f"position: {position} is not between 0 and {problem.requests - 1}")
    old, order, tier = int(problem.order[request]), problem.order.copy(), problem.tier.copy()
    tier[request] = tier[np.argmax(order == position)]
    order[(order >= position) & (order < old)] += 1
    order[(order <= position) & (order > old)] -= 1
    order[request] = position
    return replace(problem, order=order, tier=tier)


def _accepting(problem: Problem, request: int, bins: NDArray[np.int32]) -> Problem:
    columns.within("bins", bins, 0, problem.bins - 1)
    pairs = slice(int(problem.first_pair[request]), int(problem.first_pair[request + 1]))
    more = bins[np.sort(np.unique(bins, return_index=True)[1])]
    more = more[~np.isin(more, problem.pair_bin[pairs])]
    if not more.size:
        return problem
    rank = int(problem.pair_rank[pairs].max(initial=-1)) + 1 + np.arange(more.size)
    if rank[-1] > _WORST:
        raise ValueError(f"bins: choice {rank[-1] + 1} of request {request}, at most {_WORST + 1} can be ranked")
    return replace(
        problem,
        pair_request=np.append(problem.pair_request, np.full(more.size, request, np.int32)),
        pair_bin=np.append(problem.pair_bin, more),
        pair_rank=np.append(problem.pair_rank, rank),
        pair_late=np.append(problem.pair_late, np.zeros(more.size, np.bool_)),
        pair_cost=np.append(problem.pair_cost, np.zeros(more.size, np.int16)),
    )
