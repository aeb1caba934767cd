"""The best plan within a distance from what prices by size prove, by CP-SAT: most choices cannot be part of it.

The distance of a plan from the bound is a sum of losses that are never negative: in each bin, what its places are worth
above the prices of who sits there; of each request, what it gains in its cheapest bin above what it gains where it is.
In a plan within a small distance each of them is as small. So pairs that lose more are left out, requests that gain
more are served, and bins are filled up to that. Such a model is small and tight; where it has no plan, the bound falls.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.improving.size_prices import SizePrices
from allocation.line import Line


@dataclass(frozen=True, eq=False)
class Part:
    """What may change: ``rows`` and ``bins``, int64, rising, and the ``pairs`` of the two, int64; all else stands."""

    rows: NDArray[np.int64]
    bins: NDArray[np.int64]
    pairs: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """``bin_of_row``: int32 (n,), None where there is none, or none was found.

    ``least``: no plan loses less, in the part; more than the distance where no plan is within it. ``work``:
    deterministic time used.
    """

    bin_of_row: NDArray[np.int32] | None
    least: int
    work: float


def whole(line: Line) -> Part:
    """Everything may change."""
    return Part(np.arange(line.requests), np.arange(line.bins), np.arange(line.pairs))


def serve_within(
    line: Line, proof: SizePrices, part: Part, bin_of_row: NDArray[np.int32], distance: int, *, work: float
) -> Found:
    """Find the best placement of a part that loses no more than a distance, int; the given one is the hint."""
    loss = proof.loss(line)
    pairs = part.pairs[loss[part.pairs] <= distance]
    row, column = line.row[pairs], line.bin[pairs]
    model = cp_model.CpModel()
    choices = [model.new_bool_var("") for _ in range(pairs.size)]
    of_row, of_bin = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for choice, (r, b) in enumerate(zip(row.tolist(), column.tolist(), strict=True)):
        of_row[r].append(choice)
        of_bin[b].append(choice)
    for r, needed in zip(part.rows.tolist(), (proof.gain[part.rows] > distance).tolist(), strict=True):
        if needed:
            model.add_exactly_one([choices[each] for each in of_row[r]])
        elif len(of_row[r]) > 1:
            model.add_at_most_one([choices[each] for each in of_row[r]])
    units, price = line.units[row], proof.price[column, proof.kind[row]]
    for b in part.bins.tolist():
        inside = of_bin[b]
        here = [choices[each] for each in inside]
        model.add(_sum(here, units[inside]) <= int(line.places[b]))
        worth = int(proof.worth[b])
        model.add_linear_constraint(_sum(here, price[inside]), max(0, worth - distance), worth)
    most = int(proof.worth[part.bins].sum() + proof.gain[part.rows].sum())
    value = _sum(choices, units * line.weight[row])
    model.add(value >= most - distance)
    model.maximize(value)
    for variable, chosen in zip(choices, (bin_of_row[row] == column).tolist(), strict=True):
        model.add_hint(variable, chosen)
    solver = deterministic(work)
    solver.parameters.linearization_level = 2
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    status = solver.solve(model)
    used = solver.response_proto.deterministic_time
    if status not in SOLVED:
        return Found(None, distance + 1 if status == cp_model.INFEASIBLE else 0, used)
    found = bin_of_row.copy()
    found[part.rows] = -1
    taken = np.array([solver.boolean_value(choice) for choice in choices], np.bool_)
    found[row[taken]] = column[taken]
    reached = int((units * line.weight[row])[taken].sum())
    if status == cp_model.OPTIMAL:
        return Found(found, most - reached, used)
    # the solver states its bound as a float: round it up, never down
    return Found(found, most - min(most, int(solver.best_objective_bound * (1 + 2**-50)) + 1), used)


def _sum(choices: list[cp_model.IntVar], factors: NDArray[np.int64]) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.weighted_sum(choices, factors.tolist())
