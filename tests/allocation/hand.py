"""Plans without a solver, and problems with one request elsewhere in line."""

from dataclasses import replace

import numpy as np

from allocation.baselines import in_line_order
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem
from allocation.tally import tally
from allocation.weights import weights


def planned(problem: Problem, bins: list[int]) -> Plan:
    """A plan of these bins, as if by exchange."""
    bin_of_request = np.array(bins, np.int32)
    objective = int((weights(problem) * problem.units)[bin_of_request >= 0].sum())
    return tally(
        problem,
        bin_of_request,
        objective=objective,
        bound=objective,
        prices=np.zeros(problem.bins, np.int64),
        status=Status.BOUNDED,
        stages={},
    )


def some_plan(problem: Problem) -> Plan:
    """Some feasible plan, as if by exchange."""
    return replace(in_line_order(problem), mechanism=Mechanism.EXCHANGE)


def moved(problem: Problem, request: int, position: int) -> Problem:
    """The same problem with one request further ahead; those from there on stand one place further back."""
    order = problem.order.copy()
    order[(order >= position) & (order < order[request])] += 1
    order[request] = position
    return replace(problem, order=order)
