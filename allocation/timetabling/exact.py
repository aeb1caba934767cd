"""The whole packing with its counters, by CP-SAT: where local search leaves a goal above its bound.

Counters with the same features that are open in the same run of units are interchangeable, so whole numbers say how
many people of a kind start in a unit at counters of a kind. Each run is coloured afterwards, which always succeeds:
the people of one run who overlap never outnumber its counters, and interval graphs are perfect.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.timetabling.packing import FREE, Packing
from allocation.timetabling.visits import Kind

_HAIR = 1e-6
"""The solver states its bound as a float; it is whole."""

Run = tuple[int, int, int]
"""First unit, unit after the last, features."""


@dataclass(frozen=True, eq=False)
class Answer:
    """``choice``: int64 (p,), or None where none was found; ``bound`` on the goal; ``work``: time used."""

    choice: NDArray[np.int64] | None
    bound: int
    work: float


def runs(open_units: NDArray[np.bool_], offers: NDArray[np.int16]) -> Counter[Run]:
    """Count the counters of each kind: a counter with a break is one run before it and one after it."""
    found: Counter[Run] = Counter()
    for works, features in zip(open_units, offers.tolist(), strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], works, [False])).astype(np.int8)))
        for first, last in edges.reshape(-1, 2).tolist():
            found[first, last, features] += 1
    return found


class Exact:
    """The model of one packing."""

    def __init__(self, packed: Packing, open_units: NDArray[np.bool_], offers: NDArray[np.int16]) -> None:
        self._packed = packed
        self._model = cp_model.CpModel()
        sizes = [len(group.parties) for group in packed.groups for _ in group.options]
        self._taken = [self._model.new_int_var(0, size, "") for size in sizes]
        first = packed.first_option.tolist()
        for number, group in enumerate(packed.groups):
            together = self._taken[first[number] : first[number + 1]]
            self._model.add(cp_model.LinearExpr.sum(together) == len(group.parties))
        self._serve(runs(open_units, offers))

    def minimise(
        self, goal: int, room: NDArray[np.int64], hint: NDArray[np.int64], *, least: int, most: int, work: float
    ) -> Answer:
        """Find the lowest value of a goal from ``least`` to ``most`` while no row exceeds its room.

        ``hint``: int64 (p,), options to try first.
        """
        model = self._model
        value = model.new_int_var(least, most, "")
        goal_rows = set(self._packed.goals[goal].rows.tolist())
        for row, load in self._loads().items():
            if row in goal_rows:
                model.add(load <= value)
            elif room[row] < FREE:
                model.add(load <= int(room[row]))
        model.minimize(value)
        for variable, count in zip(self._taken, np.bincount(hint, minlength=len(self._taken)), strict=True):
            model.add_hint(variable, int(count))
        solver = deterministic(work)
        status = solver.solve(model)
        used = solver.response_proto.deterministic_time
        if status == cp_model.INFEASIBLE:
            return Answer(None, most + 1, used)
        bound = least if status == cp_model.UNKNOWN else max(least, math.ceil(solver.best_objective_bound - _HAIR))
        if status not in SOLVED:
            return Answer(None, bound, used)
        counts = np.array([solver.value(variable) for variable in self._taken], np.int64)
        choice = np.repeat(np.arange(counts.size), counts)
        return Answer(choice, self._packed.values(choice)[goal] if status == cp_model.OPTIMAL else bound, used)

    def _serve(self, counters: Counter[Run]) -> None:
        """Everyone who starts, starts at a counter of some run; no run has more people than counters at once."""
        model = self._model
        starters: dict[tuple[Kind, int], list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        for variable, option in zip(self._taken, self._packed.options, strict=True):
            for after, kind, people in option.shape:
                starters[kind, option.start + after].append((variable, people))
        served: dict[tuple[Run, int], list[cp_model.IntVar]] = defaultdict(list)
        for ((length, needs), start), terms in starters.items():
            there: list[cp_model.IntVar] = []
            for run, number in counters.items():
                if run[0] <= start and start + length <= run[1] and not needs & ~run[2]:
                    there.append(model.new_int_var(0, number, ""))
                    for unit in range(start, start + length):
                        served[run, unit].append(there[-1])
            starting = cp_model.LinearExpr.weighted_sum([v for v, _ in terms], [n for _, n in terms])
            model.add(starting == cp_model.LinearExpr.sum(there))
        for (run, _), together in served.items():
            model.add(cp_model.LinearExpr.sum(together) <= counters[run])

    def _loads(self) -> dict[int, cp_model.LinearExprT]:
        """Sum each row; those of the counters follow from ``_serve`` and help the solver to see it."""
        terms: dict[int, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        for variable, option in zip(self._taken, self._packed.options, strict=True):
            for row, amount in option.taken.items():
                terms[row].append((variable, amount))
        return {
            row: cp_model.LinearExpr.weighted_sum([v for v, _ in parts], [n for _, n in parts])
            for row, parts in terms.items()
        }
