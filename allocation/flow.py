"""Lexicographic transportation: several goals, each optimal among the optima of the one before it.

Requests supply units, bins take them, and what no bin takes goes outside. Goals are summed into one cost as long
as exact 64-bit arithmetic allows; then the flow is restricted to its optimal face (the arcs and bins that
complementary slackness leaves free) and the next goals follow there.
Solver: OR-Tools ``SimpleMinCostFlow`` (cost-scaling push-relabel; Goldberg, J. Algorithms 22, 1997).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from allocation.line import Line, WeightsTooLargeError, cost_limit

NEVER = np.int64(-(1 << 61))


@dataclass(frozen=True, eq=False)
class Flow:
    """Units per pair, int64 (p,), and units of each request left outside, int64 (n,)."""

    units: NDArray[np.int64]
    outside: NDArray[np.int64]


class FlowFailedError(RuntimeError):
    """The flow solver did not reach an optimum of a problem that has one."""


def goals(line: Line) -> list[NDArray[np.int64]]:
    """Costs per unit and pair in the order of importance: served, in time, rank, preference, tie-break."""
    return [-line.weight[line.row], line.late, line.rank, line.cost, line.tie]


def lexicographic(line: Line, levels: Sequence[NDArray[np.int64]]) -> Flow:
    """Route all units at the lexicographically least cost; staying outside costs nothing.

    Parameters
    ----------
    line
        Requests and bins.
    levels
        int64 (p,) each: cost of one unit on a pair, most important first.

    Raises
    ------
    WeightsTooLargeError
        One level alone overflows 64 bits.
    FlowFailedError
        The solver gave up (not expected).
    """
    total = int(line.units.sum())
    limit = cost_limit(line.requests, line.bins)
    face = _Face(
        pairs=np.arange(line.row.size),
        outside=np.ones(line.requests, np.bool_),
        full=np.zeros(line.bins, np.bool_),
    )
    remaining = [level for level in levels if level.size and level.any()]
    while True:
        cost, remaining = _combine(remaining, line.row.size, total, limit)
        flow = _solve(line, face, cost)
        if not remaining:
            return flow
        face = _optimal_face(line, face, cost, flow)


def bin_prices(line: Line, cost: NDArray[np.int64], flow: Flow) -> NDArray[np.int64]:
    """Least non-negative prices that prove the flow optimal for ``cost``, int64 (m,).

    The price of a bin is what one more unit in it would have gained; it is 0 where there is room.
    """
    face = _Face(
        pairs=np.arange(line.row.size),
        outside=np.ones(line.requests, np.bool_),
        full=np.zeros(line.bins, np.bool_),
    )
    return _prices(line, face, cost, flow)


@dataclass(frozen=True, eq=False)
class _Face:
    """What a flow may use: pairs, staying outside, and bins that must be full."""

    pairs: NDArray[np.int64]
    outside: NDArray[np.bool_]
    full: NDArray[np.bool_]


def _combine(
    levels: list[NDArray[np.int64]], pairs: int, total: int, limit: int
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Join as many leading levels as fit: a unit of one outweighs all that the next could ever sum to."""
    cost, largest = np.zeros(pairs, np.int64), 0
    for index, level in enumerate(levels):
        highest = int(np.abs(level).max())
        # two placements of all units differ by less than this on this level
        step = total * (max(int(level.max()), 0) - min(int(level.min()), 0)) + 1
        if largest * step + highest > limit:
            if index == 0:
                raise WeightsTooLargeError(f"a cost of {highest} among {total} units overflows 64 bits")
            return cost, levels[index:]
        cost, largest = cost * step + level, largest * step + highest
    return cost, []


def _solve(line: Line, face: _Face, cost: NDArray[np.int64]) -> Flow:
    """Run the flow solver on a face."""
    n, m = line.requests, line.bins
    solver = min_cost_flow.SimpleMinCostFlow()
    row, column = line.row[face.pairs], line.bin[face.pairs]
    room = np.minimum(line.units[row], line.places[column])
    arcs = solver.add_arcs_with_capacity_and_unit_cost(row, n + column, room, cost[face.pairs])
    stay = np.flatnonzero(face.outside)
    zero = np.zeros(max(n, m), np.int64)
    stays = solver.add_arcs_with_capacity_and_unit_cost(
        stay, np.full(stay.size, n + m), line.units[stay], zero[: stay.size]
    )
    free = np.flatnonzero(~face.full)
    solver.add_arcs_with_capacity_and_unit_cost(
        n + free, np.full(free.size, n + m), line.places[free], zero[: free.size]
    )
    demand = np.where(face.full, line.places, 0)
    supplies = np.concatenate((line.units, -demand, [demand.sum() - line.units.sum()]))
    solver.set_nodes_supplies(np.arange(n + m + 1), supplies)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise FlowFailedError(f"flow solver: {status}")
    units, outside = np.zeros(line.row.size, np.int64), np.zeros(n, np.int64)
    units[face.pairs] = solver.flows(arcs)
    outside[stay] = solver.flows(stays)
    return Flow(units=units, outside=outside)


def _prices(line: Line, face: _Face, cost: NDArray[np.int64], flow: Flow) -> NDArray[np.int64]:
    """Least prices under which every unit sits where cost + price is least, by Bellman-Ford over the bins.

    A bin that must be full may have a negative price, so it starts from far below.
    """
    pairs = face.pairs[np.argsort(line.bin[face.pairs], kind="stable")]
    by_bin = line.bin[pairs]
    firsts = np.flatnonzero(np.diff(by_bin, prepend=-1))
    bins, rows, costs = by_bin[firsts], line.row[pairs], cost[pairs]
    used = face.pairs[flow.units[face.pairs] > 0]
    used_rows = line.row[used]
    used_firsts = np.flatnonzero(np.diff(used_rows, prepend=-1))
    used_row, used_bin, used_cost = used_rows[used_firsts], line.bin[used], cost[used]

    lowest = -(line.bins + 1) * (2 * int(np.abs(cost).max(initial=0)) + 1)
    prices = np.where(face.full, np.int64(lowest), 0)
    floor = np.where(flow.outside > 0, 0, NEVER)
    if not pairs.size:
        return prices
    for _ in range(line.bins + 2):
        level = floor.copy()
        if used.size:
            held = np.maximum.reduceat(prices[used_bin] + used_cost, used_firsts)
            level[used_row] = np.maximum(level[used_row], held)
        # NEVER minus a cost must stay far below every price instead of wrapping around
        pushed = np.maximum.reduceat(level[rows] - costs, firsts)
        raised = np.maximum(prices[bins], pushed)
        if np.array_equal(raised, prices[bins]):
            return prices
        prices[bins] = raised
    raise FlowFailedError("the flow is not optimal: its prices rise without end")


def _optimal_face(line: Line, face: _Face, cost: NDArray[np.int64], flow: Flow) -> _Face:
    """Keep what every optimum may use: tight pairs, tight outsides, and priced bins full."""
    prices = _prices(line, face, cost, flow)
    reduced = cost[face.pairs] + prices[line.bin[face.pairs]]
    best = np.where(face.outside, 0, -NEVER)
    np.minimum.at(best, line.row[face.pairs], reduced)
    tight = reduced == best[line.row[face.pairs]]
    return _Face(
        pairs=face.pairs[tight],
        outside=face.outside & (best == 0),
        full=face.full | (prices > 0),
    )
