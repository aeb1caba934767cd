"""Why a request is where it is, why it is not served, and what would have been enough.

Computed from the plan by chains of moves, never guessed, for requests of every size. One thing is held fixed: larger
requests that are served stay where they are. Requests of one unit move, and the best set of them is served beside one
more request of the size in question (``cutoffs`` proves how). So where every request takes one unit, the answers are
those that drawing again would give. With larger requests, drawing again could also move or replace those: ``what_if``
does that. In line order nobody moves, and the answers are those of drawing again.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocation.checking.reach import ROOM
from allocation.explaining.cutoffs import Cutoffs
from allocation.explaining.rivals import Rivals
from allocation.plan import Mechanism, Plan
from allocation.problem import NEUTRAL, Problem
from allocation.weights import weights


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
        For each of ``better_bins``, int64: the last position in line at which one more request like this one would get
        into the bin; ``ROOM`` where nobody has to leave for it, -1 where no position would do.
    would_have_helped
        Bins it did not ask for, any one of which would have given it a place, int64, rising. Empty where served.
    enough_position
        The last position in line that would have given it a place with the same wishes; -1 where none; None
        where served. Where a plan of larger requests is not proven optimal, it may be behind the request's own.
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

    @property
    def served(self) -> bool:
        """Whether the request has a place."""
        return self.bin >= 0

    def words(self) -> str:
        """Return the explanation in English, with row numbers for bins."""
        ahead = f"{self.people_ahead} people ahead in line asked for some of the same {self.units_offered} places"
        if self.enough_position is None:
            taken = f" The {self.better_bins.size} bins preferred to it are taken." if self.better_bins.size else ""
            return f"Served in bin {self.bin}, choice {self.rank + 1}; {ahead}.{taken}"
        if self.enough_position >= 0:
            line = f" Position {self.enough_position} in line would have been enough."
        else:
            line = " No position in line would have been enough."
        if self.would_have_helped.size:
            extra = f" Asking also for bin {self.would_have_helped[0]} would have given a place."
        else:
            extra = " No other single bin would have given a place."
        return f"Not served; {ahead}.{line}{extra}"


class Explainer:
    """Explains many requests of one plan: what they have in common is computed once.

    Parameters
    ----------
    problem, plan
        A problem and its plan, by exchange or in line order.

    Raises
    ------
    ValueError
        The plan is not one of this problem, or follows the order of arrival.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        if plan.bin_of_request.shape != (problem.requests,):
            raise ValueError(f"plan: {plan.bin_of_request.size} rows for {problem.requests} requests")
        self._problem = problem
        self._bins = plan.bin_of_request
        self._cut_offs = Cutoffs(problem, plan)
        self._rivals = Rivals(problem)
        # without compensation a turn is a position in line
        self._weighed = plan.mechanism is Mechanism.EXCHANGE and bool(np.any(problem.compensation != NEUTRAL))
        if self._weighed:
            self._who = np.argsort(self._cut_offs.turn)
            self._weights = weights(problem)
            neutral = weights(replace(problem, compensation=np.full(problem.requests, NEUTRAL)))
            self._at_position = neutral[np.argsort(problem.order)]

    def explain(self, request: int) -> Explanation:
        """Explain one request; IndexError where the row does not exist."""
        problem = self._problem
        asked = self._asked(request)
        first = int(problem.first_pair[request])
        place = int(self._bins[request])
        own = first + int(np.argmax(asked == place)) if place >= 0 else -1
        regrets = self._regret(request)
        better = asked if own < 0 else asked[regrets < regrets[own - first]]
        cut_off = self._positions(request, self._cut_offs.of(int(problem.units[request]), better))
        requests_ahead, people_ahead = self._rivals.ahead(request)
        return Explanation(
            request=request,
            bin=place,
            rank=int(problem.pair_rank[own]) if own >= 0 else -1,
            late=bool(problem.pair_late[own]) if own >= 0 else False,
            position=int(problem.order[request]),
            people_ahead=people_ahead,
            requests_ahead=requests_ahead,
            units_offered=int(problem.places[asked].sum(dtype=np.int64)),
            better_bins=better,
            cut_off=cut_off,
            would_have_helped=np.flatnonzero(self.helpful(request)) if own < 0 else np.empty(0, np.int64),
            enough_position=min(int(cut_off.max(initial=-1)), problem.requests - 1) if own < 0 else None,
        )

    def helpful(self, request: int) -> NDArray[np.bool_]:
        """Bins that the request did not ask for, any one of which gives one more like it a place; bool (m,)."""
        asked = self._asked(request)
        turn = int(self._cut_offs.turn[request])
        helps = self._cut_offs.of(int(self._problem.units[request]), until=turn) > turn
        helps[asked] = False
        return helps

    def _asked(self, request: int) -> NDArray[np.int64]:
        problem = self._problem
        if not 0 <= request < problem.requests:
            raise IndexError(f"no request {request} among {problem.requests}")
        return problem.pair_bin[problem.first_pair[request] : problem.first_pair[request + 1]].astype(np.int64)

    def _regret(self, request: int) -> NDArray[np.int64]:
        """Return how the request ranks its bins, lower is better: in time, then rank, then cost in one number."""
        problem = self._problem
        pairs = slice(int(problem.first_pair[request]), int(problem.first_pair[request + 1]))
        late = problem.pair_late[pairs].astype(np.int64)
        return ((late << 8) + problem.pair_rank[pairs] << 17) + problem.pair_cost[pairs]

    def _positions(self, request: int, turns: NDArray[np.int64]) -> NDArray[np.int64]:
        """From cut-offs as turns to the last position where this request has its turn before them.

        Everyone else keeps their weight; at a position the request has the tier of the one who stands there, and goes
        before them.
        """
        if not self._weighed:
            return turns
        positions = turns.copy()
        somebody = (turns >= 0) & (turns != ROOM)
        leaves = self._who[turns[somebody]]
        mine = self._at_position * self._problem.compensation[request] // NEUTRAL
        last = np.searchsorted(-mine, -self._weights[leaves], side="right") - 1
        equal = (last >= 0) & (mine[last] == self._weights[leaves]) & (last > self._problem.order[leaves])
        positions[somebody] = last - equal
        return positions


def explain(problem: Problem, plan: Plan, request: int) -> Explanation:
    """Explain one request of a plan; for many of them make one ``Explainer``.

    Raises
    ------
    IndexError
        No such request.
    ValueError
        The plan is not one of this problem, or follows the order of arrival.
    """
    return Explainer(problem, plan).explain(request)


__all__ = ["ROOM", "Explainer", "Explanation", "explain"]
