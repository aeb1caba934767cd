"""Count what a placement is worth and make a plan of it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem


def tally(
    problem: Problem,
    bin_of_request: NDArray[np.int32],
    *,
    objective: int,
    bound: int,
    prices: NDArray[np.int64],
    status: Status,
    stages: Mapping[str, float],
    mechanism: Mechanism = Mechanism.EXCHANGE,
    by_size: NDArray[np.int64] | None = None,
) -> Plan:
    """Make a plan of the bins chosen, int32 (n,), with its totals."""
    served = bin_of_request >= 0
    bin_of_request.flags.writeable = False
    return Plan(
        bin_of_request=bin_of_request,
        status=status,
        served_requests=int(served.sum()),
        served_people=int(problem.party[served].sum(dtype=np.int64)),
        served_units=int(problem.units[served].sum(dtype=np.int64)),
        objective=objective,
        bound=bound,
        prices=prices,
        stage_seconds=stages,
        mechanism=mechanism,
        by_size=np.empty(0, np.int64) if by_size is None else by_size,
    )
