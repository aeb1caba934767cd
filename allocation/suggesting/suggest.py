"""Which moves of capacity serve most, or give those who wait worst the best chance: cuts and an integer model.

The duals of a draw say what one more place is worth, but only for small changes. Here they become cuts: what any
capacities can serve is at most what they let through a cut (`Cut`), and each trial of moves gives the smallest one.
An integer model over the moves with all cuts so far gives the best moves that the cuts allow, these give the next
cut, and where the promise of the model is kept by the flow, nothing better exists (Benders 1962; Kelley 1960).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.problem import Problem
from allocation.suggesting.cuts import HUNDREDTHS, Cut, Demand, cut_of, least_chance

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
