"""Other ways to hand out the same places, for comparison: who comes first, or each in turn."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.line import line_up
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem
from allocation.tally import tally


def first_come(problem: Problem, arrival: NDArray[np.int32]) -> Plan:
    """First come, first served: each in turn takes the best bin with room left, at once and for good.

    Parameters
    ----------
    problem
        Requests, bins and acceptable pairs; its line decides nothing here.
    arrival
        int32 (n,), a permutation, 0 = who clicked first.

    Returns
    -------
    Plan
        Its objective is measured as for a draw, so that both can be compared; it has no bound of its own.

    Raises
    ------
    ValueError
        ``arrival`` is not a permutation of the requests.
    """
    turn = columns.integers("arrival", arrival, np.int32, length=problem.requests)
    columns.permutation("arrival", turn)
    best = np.lexsort((problem.pair_bin, problem.pair_cost, problem.pair_rank, problem.pair_late, problem.pair_request))
    # plain lists: a loop over single elements is several times slower on arrays
    wishes, starts = problem.pair_bin[best].tolist(), problem.first_pair.tolist()
    room, units = problem.places.tolist(), problem.units.tolist()
    chosen = np.full(problem.requests, -1, np.int32)
    for request in np.argsort(turn).tolist():
        need = units[request]
        for pair in range(starts[request], starts[request + 1]):
            place = wishes[pair]
            if room[place] >= need:
                room[place] -= need
                chosen[request] = place
                break
    line = line_up(problem)
    objective = line.value(chosen[line.request].astype(np.int64))
    return tally(
        problem,
        chosen,
        objective=objective,
        bound=objective,
        prices=np.zeros(problem.bins, np.int64),
        status=Status.BASELINE,
        stages={},
        mechanism=Mechanism.FIRST_COME,
    )


def in_line_order(problem: Problem) -> Plan:
    """Serve each in line order with the best bin that is left: a lottery without exchange.

    Strategy-proof: nobody gains anything by hiding a bin they would accept. It may serve fewer people.
    """
    return replace(first_come(problem, problem.order), mechanism=Mechanism.IN_LINE)
