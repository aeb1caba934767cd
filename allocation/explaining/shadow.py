"""Where one more unit of places would help most: what each bin is worth, and who waits for it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from allocation.checking.reach import ROOM
from allocation.compiled import compiled
from allocation.explaining.cutoffs import Cutoffs
from allocation.plan import Plan, Status
from allocation.problem import Problem
from allocation.weights import weights


def shadow_prices(problem: Problem, plan: Plan, *, group: ArrayLike | None = None) -> pd.DataFrame:
    """Return what one more unit would be worth in each bin, or in each group of bins.

    Parameters
    ----------
    problem
        n requests, m bins.
    plan
        Its plan, by exchange.
    group
        (m,), a label for each bin, such as its office-day or its pool. Default: each bin by itself.

    Returns
    -------
    pandas.DataFrame
        A row for each bin, or for each label, sorted.

        - ``places``, ``used``: int64, units.
        - ``price``: int64, what one more unit would add to the objective, in the best bin of the group: exact where
          every request takes one unit, apart from ties. Larger requests count as if their units could be split.
        - ``people``: float64, the same in people of the average weight of those served.
        - ``waiting``: int64, units of requests that are not served and accept a bin of the group, each counted once.
        - ``cut_off``: Int64, position of the single request that one more would put out of the easiest bin to get
          into; missing where nobody would have to leave, -1 where only larger requests sit.

    Raises
    ------
    ValueError
        The plan is not one of this problem or has no prices, or ``group`` does not fit the bins.
    """
    if plan.bin_of_request.shape != (problem.requests,) or plan.prices.shape != (problem.bins,):
        raise ValueError("plan: it is not one of this problem")
    if plan.status is Status.BASELINE:
        raise ValueError(f"plan: {plan.mechanism} has no prices")
    row, labels = _rows(problem.bins, group)
    bins = pd.DataFrame(
        {
            "places": problem.places.astype(np.int64),
            "used": problem.used(plan.bin_of_request),
            "price": _prices(problem, plan),
            "cut_off": _cut_offs(problem, plan),
        }
    ).groupby(row)
    table = bins.agg({"places": "sum", "used": "sum", "price": "max", "cut_off": "max"}).set_index(labels)
    table.insert(3, "people", table["price"] * plan.served_people / max(1, plan.objective))
    unserved = plan.bin_of_request < 0
    waiting = _waiting(problem.first_pair, problem.pair_bin, problem.units * unserved, row, len(labels))
    table.insert(4, "waiting", waiting)
    cut_off = table["cut_off"].astype("Int64")
    table["cut_off"] = cut_off.mask(cut_off == ROOM)
    return table


def _rows(bins: int, group: ArrayLike | None) -> tuple[NDArray[np.int64], "pd.Index[Any]"]:
    """Row of each bin in the table, and the labels of its rows."""
    if group is None:
        return np.arange(bins), pd.RangeIndex(bins, name="bin")
    given = pd.Series(np.asarray(group))
    if len(given) != bins:
        raise ValueError(f"group: expected {bins} rows, found {len(given)}")
    row, labels = pd.factorize(given, sort=True)
    if np.any(row < 0):
        raise ValueError(f"group: row {int(np.argmin(row))} is missing")
    return row.astype(np.int64), pd.Index(labels, name="group")


def _prices(problem: Problem, plan: Plan) -> NDArray[np.int64]:
    """Prices of the plan, raised where one more unit makes room for someone too large for the bin, say a closed one."""
    weight = weights(problem)
    return _raised(problem.first_pair, problem.pair_bin, problem.units, problem.places, weight, plan.prices.copy())


@compiled
def _raised(
    first_pair: NDArray[np.int64],
    pair_bin: NDArray[np.int32],
    units: NDArray[np.int16],
    places: NDArray[np.int32],
    weight: NDArray[np.int64],
    prices: NDArray[np.int64],
) -> NDArray[np.int64]:
    raised = prices.copy()
    for request in range(units.size):
        gain = 0  # the most that a unit of this request is worth above the price that it pays
        for pair in range(first_pair[request], first_pair[request + 1]):
            b = pair_bin[pair]
            if units[request] <= places[b]:
                gain = max(gain, weight[request] - prices[b])
        for pair in range(first_pair[request], first_pair[request + 1]):
            b = pair_bin[pair]
            if units[request] == places[b] + 1:
                raised[b] = max(raised[b], weight[request] - gain)
    return raised


def _cut_offs(problem: Problem, plan: Plan) -> NDArray[np.int64]:
    cut_offs = Cutoffs(problem, plan)
    turns = cut_offs.of(1)
    position = problem.order[np.argsort(cut_offs.turn)]
    somebody = (turns >= 0) & (turns != ROOM)
    turns[somebody] = position[turns[somebody]]
    return turns


@compiled
def _waiting(
    first_pair: NDArray[np.int64],
    pair_bin: NDArray[np.int32],
    units: NDArray[np.int16],
    row: NDArray[np.int64],
    rows: int,
) -> NDArray[np.int64]:
    """Sum the units of requests over the rows that they accept a bin of, each once, int64 (rows,)."""
    total, last = np.zeros(rows, np.int64), np.full(rows, -1)
    for request in range(units.size):
        for pair in range(first_pair[request], first_pair[request + 1]):
            r = row[pair_bin[pair]]
            if last[r] != request:
                last[r] = request
                total[r] += units[request]
    return total
