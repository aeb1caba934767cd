"""Which moves of capacity serve most, or give those who wait worst the best chance: cuts and an integer model.

The duals of a draw say what one more place is worth, but only for small changes. Here they become cuts: what any
capacities can serve is at most what they let through a cut (`Cut`), and each trial of moves gives the smallest one.
An integer model over the moves with all cuts so far gives the best moves that the cuts allow, these give the next
cut, and where the promise of the model is kept by the flow, nothing better exists (Benders 1962; Kelley 1960).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.problem import Problem

HUNDREDTHS: Final = 100
"""Capacities and units are counted in hundredths, so that a share of a place counts too."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Who could be served where: requests that accept the same bins are one group.

    ``units``: int64 (g,), asked for by each group; ``start``: int64 (g + 1,), its first pair; ``bins``: int64 (p,);
    ``places``: number of bins, m. Requests that accept no bin are left out.
    """

    units: NDArray[np.int64]
    start: NDArray[np.int64]
    bins: NDArray[np.int64]
    places: int

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Group a problem's requests."""
        groups: dict[bytes, int] = {}
        starts = problem.first_pair.tolist()
        for first, last, units in zip(starts, starts[1:], problem.units.tolist(), strict=False):
            if last > first:
                key = problem.pair_bin[first:last].tobytes()
                groups[key] = groups.get(key, 0) + units
        accepted = [np.frombuffer(key, problem.pair_bin.dtype) for key in groups]
        lengths = np.array([each.size for each in accepted], np.int64)
        bins = np.concatenate(accepted) if accepted else np.empty(0)
        units = np.array(list(groups.values()), np.int64)
        return cls(units, np.concatenate(([0], np.cumsum(lengths))), bins.astype(np.int64), problem.bins)

    @property
    def total(self) -> int:
        """Units that are asked for."""
        return int(self.units.sum())


@dataclass(frozen=True, eq=False)
class Cut:
    """Bins that are full whatever one does; ``captive``: units of requests that accept no other.

    For any capacities c: no more can be served than c summed over ``closed``, and all units that are not captive.
    ``served`` is what the capacities that the cut comes from serve, in hundredths of a unit.
    """

    closed: NDArray[np.bool_]
    captive: int
    served: int


def cut_of(demand: Demand, places: NDArray[np.int64], asking: int = HUNDREDTHS) -> Cut:
    """Serve as many units as there can be, and find a smallest cut (Ford and Fulkerson 1956).

    Parameters
    ----------
    demand
        g groups, m bins.
    places
        int64 (m,), capacities in hundredths of a unit.
    asking
        Hundredths of each unit that are asked for; below 100, everybody asks for that share of what they need.
    """
    groups, bins = demand.units.size, demand.places
    if not groups:
        return Cut(np.zeros(bins, np.bool_), 0, 0)
    source, sink = groups + bins, groups + bins + 1
    asked = demand.units * asking
    flow = max_flow.SimpleMaxFlow()
    row = np.repeat(np.arange(groups), np.diff(demand.start))
    flow.add_arcs_with_capacity(np.full(groups, source), np.arange(groups), asked)
    flow.add_arcs_with_capacity(row, groups + demand.bins, asked[row])
    flow.add_arcs_with_capacity(groups + np.arange(bins), np.full(bins, sink), places)
    if flow.solve(source, sink) != flow.OPTIMAL:
        raise ArithmeticError("the flow was not found: the numbers are too large")
    reached = np.zeros(groups + bins + 2, np.bool_)
    reached[flow.get_source_side_min_cut()] = True
    captive = int(demand.units[reached[:groups]].sum())
    return Cut(reached[groups : groups + bins], captive, int(flow.optimal_flow()))


def least_chance(demand: Demand, places: NDArray[np.int64]) -> tuple[int, Cut]:
    """Return the most hundredths of their units that *everybody* can be given at once, and the cut that allows no more.

    Notes
    -----
    It is the least of c(S) / d(S) over sets of bins S, where d(S) are the units that accept nothing outside S. Each
    share that cannot be met has a cut, and the cut a lower share: Newton's method (Dinkelbach 1967) ends after a few.
    """
    share = HUNDREDTHS
    cut = cut_of(demand, places, share)
    while cut.served < demand.total * share:
        lower = int(places[cut.closed].sum()) // cut.captive
        if lower >= share:
            break
        share, further = lower, cut_of(demand, places, lower)
        if further.served >= demand.total * share:
            break
        cut = further
    return share, cut


MOST_CUTS: Final = 60
WORK: Final = 5.0
"""Deterministic work of CP-SAT for one model; the models are small."""


class Goal(StrEnum):
    """What to improve."""

    MOST = "most"
    WORST_WAIT = "worst_wait"


@dataclass(frozen=True, eq=False)
class Moves:
    """k moves that can be made, each up to ``most`` times.

    ``change``: int64 (k, m), hundredths of a unit that one step adds to each bin (or takes); ``most``: int64 (k,).
    ``balanced``: int64 (r, k); for each row the sum of coefficients times steps must be 0: what is taken is given.
    ``bounded``: int64 (r, k) with ``at_most``: int64 (r,), the same, at most so much.
    """

    change: NDArray[np.int64]
    most: NDArray[np.int64]
    balanced: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), np.int64))
    bounded: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), np.int64))
    at_most: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, eq=False)
class Suggestion:
    """Moves, and what they promise.

    ``steps``: int64 (k,). ``before``, ``after`` and ``bound`` are hundredths of units served at most (units may split),
    or of the chance that everybody can be given at once. Nothing better than ``bound`` exists within the moves.
    """

    steps: NDArray[np.int64]
    before: int
    after: int
    bound: int
    cuts: int


def suggest(problem: Problem, moves: Moves, goal: Goal, *, on_cut: Callable[[int], None] | None = None) -> Suggestion:
    """Find the moves that improve the goal most, with as few steps as that takes.

    Parameters
    ----------
    problem
        Requests, bins, acceptable pairs and places as they are.
    moves
        What may be moved.
    on_cut
        Told the number of cuts so far after each; it may raise, to give the search up.
    """
    demand = Demand.of(problem)
    places = problem.places.astype(np.int64) * HUNDREDTHS
    before, cut = _value(demand, places, goal)
    steps, after, bound = np.zeros(moves.most.size, np.int64), before, before
    cuts: list[Cut] = [cut]
    tried = steps
    for number in range(1, MOST_CUTS + 1):
        found = _best(demand, places, moves, cuts, goal)
        tried, bound = found
        value, cut = _value(demand, places + tried @ moves.change, goal)
        if value > after:
            steps, after = tried, value
        if on_cut is not None:
            on_cut(number)
        if value >= bound:
            break
        cuts.append(cut)
    return Suggestion(steps, before, after, max(bound, after), len(cuts))


def _value(demand: Demand, places: NDArray[np.int64], goal: Goal) -> tuple[int, Cut]:
    if goal is Goal.WORST_WAIT:
        return least_chance(demand, places)
    cut = cut_of(demand, places)
    return cut.served, cut


def _best(
    demand: Demand, places: NDArray[np.int64], moves: Moves, cuts: Sequence[Cut], goal: Goal
) -> tuple[NDArray[np.int64], int]:
    """Return the best moves that the cuts allow, with fewest steps, and what they allow."""
    model = cp_model.CpModel()
    count = [model.new_int_var(0, int(most), f"move {row}") for row, most in enumerate(moves.most.tolist())]
    for row in moves.balanced.tolist():
        model.add(_sum(row, count) == 0)
    for row, most in zip(moves.bounded.tolist(), moves.at_most.tolist(), strict=True):
        model.add(_sum(row, count) <= most)
    for b in np.flatnonzero(moves.change.min(axis=0, initial=0) < 0).tolist():
        model.add(_sum(moves.change[:, b].tolist(), count) >= -int(places[b]))
    highest = demand.total * HUNDREDTHS if goal is Goal.MOST else HUNDREDTHS
    reach = model.new_int_var(0, highest, "reach")
    for cut in cuts:
        room = int(places[cut.closed].sum()) + _sum(moves.change[:, cut.closed].sum(axis=1).tolist(), count)
        if goal is Goal.MOST:
            model.add(reach <= room + (demand.total - cut.captive) * HUNDREDTHS)
        elif cut.captive:
            model.add(cut.captive * reach <= room)
    model.maximize(reach)
    best = _solved(model).value(reach)
    model.add(reach == best)
    model.minimize(sum(count))
    solver = _solved(model)
    return np.array([solver.value(each) for each in count], np.int64), int(best)


def _sum(coefficients: Sequence[int], count: Sequence[cp_model.IntVar]) -> cp_model.LinearExprT:
    return sum((factor * each for factor, each in zip(coefficients, count, strict=True) if factor), start=0)


def _solved(model: cp_model.CpModel) -> cp_model.CpSolver:
    solver = deterministic(WORK, seed=1)
    status = solver.solve(model)
    if status not in SOLVED:
        raise ArithmeticError(f"the model of moves has no solution: {solver.status_name(status)}")
    return solver
