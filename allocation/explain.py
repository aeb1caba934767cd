"""Why a request is where it is, why it is not served, and what would have been enough.

Computed from the plan by chains of moves, never guessed. For a request of one unit the answers are exact in this
sense: all larger requests stay where they are, and of the requests of one unit the best set is served. For a
larger request only what is certain is said: bins where it would have fitted beside everyone served.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.plan import Plan
from allocation.problem import Problem
from allocation.reach import ROOM, last_displaced


@dataclass(frozen=True, eq=False)
class Explanation:
    """The facts about one request; positions in line count from 0.

    Parameters
    ----------
    bin, rank, late
        Where it is served, its rank there, and whether that is after the needed-by date; ``bin`` is -1, ``rank``
        is -1 and ``late`` is False where it is not served.
    position
        Its place in line.
    people_ahead, requests_ahead
        Those ahead in line who asked for at least one of the same bins.
    units_offered
        Places in all the bins it asked for.
    better_bins
        Bins it prefers to its own (in time, then rank, then cost); all it asked for where not served.
    cut_off
        For each of ``better_bins``, int64: one unit more would go to a single request ahead of this position;
        ``ROOM`` where there is room, -1 where only larger requests sit.
    would_have_helped
        Bins it did not ask for, any one of which would have given it a place, int64, rising. Empty where served.
    enough_position
        The last position in line that would have been served with the same wishes; -1 where none. For a single
        request that is not served; None for the others.
    exact
        Whether ``would_have_helped`` is complete. It is for one unit; for more it lists only certain bins.
    """

    request: int
    bin: int
    rank: int
    late: bool
    position: int
    people_ahead: int
    requests_ahead: int
    units_offered: int
    better_bins: NDArray[np.int64]
    cut_off: NDArray[np.int64]
    would_have_helped: NDArray[np.int64]
    enough_position: int | None
    exact: bool

    @property
    def served(self) -> bool:
        """Whether the request has a place."""
        return self.bin >= 0

    def words(self) -> str:
        """Say it in English, with row numbers for bins."""
        ahead = f"{self.people_ahead} people ahead in line asked for some of the same {self.units_offered} places"
        if self.served:
            taken = f" The {self.better_bins.size} bins preferred to it are taken." if self.better_bins.size else ""
            return f"Served in bin {self.bin}, choice {self.rank + 1}; {ahead}.{taken}"
        if self.would_have_helped.size:
            extra = f" Asking also for bin {self.would_have_helped[0]} would have given a place."
        else:
            extra = " No other single bin would have given a place." if self.exact else ""
        return f"Not served; {ahead}.{extra}"


class Explainer:
    """Explains many requests of one plan: the chains of moves are computed once."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Prepare; ValueError where the plan is not one of this problem."""
        if plan.bin_of_request.shape != (problem.requests,):
            raise ValueError(f"plan: {plan.bin_of_request.size} rows for {problem.requests} requests")
        self._problem = problem
        self._bins = plan.bin_of_request
        self._reach = last_displaced(problem, plan.bin_of_request)
        served = plan.bin_of_request >= 0
        self._room = problem.places.astype(np.int64)
        np.subtract.at(self._room, plan.bin_of_request[served], problem.units[served])

    def explain(self, request: int) -> Explanation:
        """Explain one request; IndexError where there is no such row."""
        problem = self._problem
        if not 0 <= request < problem.requests:
            raise IndexError(f"no request {request} among {problem.requests}")
        pairs = np.arange(problem.first_pair[request], problem.first_pair[request + 1])
        asked = problem.pair_bin[pairs].astype(np.int64)
        place, position = int(self._bins[request]), int(problem.order[request])
        own = pairs[asked == place]
        single = int(problem.units[request]) == 1
        better = asked if not own.size else asked[self._preferred(pairs, int(own[0]))]
        requests_ahead, people_ahead = self._ahead(asked, position)
        unserved = place < 0
        return Explanation(
            request=request,
            bin=place,
            rank=int(problem.pair_rank[own[0]]) if own.size else -1,
            late=bool(problem.pair_late[own[0]]) if own.size else False,
            position=position,
            people_ahead=people_ahead,
            requests_ahead=requests_ahead,
            units_offered=int(problem.places[asked].sum(dtype=np.int64)),
            better_bins=better,
            cut_off=self._reach[better],
            would_have_helped=self._helpful(request, asked) if unserved else np.empty(0, np.int64),
            enough_position=min(int(self._reach[asked].max(initial=-1)), problem.requests - 1)
            if unserved and single
            else None,
            exact=single,
        )

    def _preferred(self, pairs: NDArray[np.int64], own: int) -> NDArray[np.bool_]:
        problem = self._problem
        late, rank, cost = problem.pair_late, problem.pair_rank, problem.pair_cost
        mine = (bool(late[own]), int(rank[own]), int(cost[own]))
        return np.array([(bool(late[p]), int(rank[p]), int(cost[p])) < mine for p in pairs], np.bool_)

    def _ahead(self, asked: NDArray[np.int64], position: int) -> tuple[int, int]:
        problem = self._problem
        wanted = np.zeros(problem.bins, np.bool_)
        wanted[asked] = True
        rivals = np.zeros(problem.requests, np.bool_)
        rivals[problem.pair_request[wanted[problem.pair_bin]]] = True
        rivals &= problem.order < position
        return int(rivals.sum()), int(problem.party[rivals].sum(dtype=np.int64))

    def _helpful(self, request: int, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        problem = self._problem
        if problem.units[request] == 1:
            helps = self._reach > problem.order[request]
        else:
            helps = self._room >= problem.units[request]
        helps[asked] = False
        return np.flatnonzero(helps)


def explain(problem: Problem, plan: Plan, request: int) -> Explanation:
    """Explain one request of a plan; for many of them make one ``Explainer``.

    Raises
    ------
    IndexError
        No such request.
    ValueError
        The plan is not one of this problem.
    """
    return Explainer(problem, plan).explain(request)


__all__ = ["ROOM", "Explainer", "Explanation", "explain"]
