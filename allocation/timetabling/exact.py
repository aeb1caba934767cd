"""The whole packing with its counters, by CP-SAT: where local search leaves a goal above its bound.

Counters with the same features that are open in the same run of units are interchangeable, so whole numbers say how
many people of a kind start in a unit at counters of a kind. Each run is coloured afterwards, which always succeeds:
the people of one run who overlap never outnumber its counters, and interval graphs are perfect.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from allocation.timetabling.packing import FREE, Packing
from allocation.timetabling.seats import SOLVED, deterministic
from allocation.timetabling.visits import Kind

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
    """The model of one packing; ``minimise`` may be called for one goal after another."""

    def __init__(self, packed: Packing, open_units: NDArray[np.bool_], offers: NDArray[np.int16]) -> None:
        self._packed = packed
        self._model = cp_model.CpModel()
        sizes = [len(group.parties) for group in packed.groups for _ in group.options]
        self._taken = [self._model.new_int_var(0, size, "") for size in sizes]
        first = packed.first_option.tolist()
        for number, group in enumerate(packed.groups):
            self._model.add(
                cp_model.LinearExpr.sum(self._taken[first[number] : first[number + 1]]) == len(group.parties)
            )
        self._serve(runs(open_units, offers))
        self._loads = self._limit_rows()

    def minimise(
        self, goal: int, room: NDArray[np.int64], hint: NDArray[np.int64], *, least: int, work: float
    ) -> Answer:
        """Find the lowest value of a goal, at least ``least``, within the room that the goals before it leave.

        That room never grows from one call to the next.
        """
        packed, model = self._packed, self._model
        for earlier in packed.goals[:goal]:
            for row in earlier.rows.tolist():
                if row in self._loads and room[row] < FREE:
                    model.add(self._loads[row] <= int(room[row]))
        value = model.new_int_var(least, int(FREE), "")
        for row in packed.goals[goal].rows.tolist():
            if row in self._loads:
                model.add(self._loads[row] <= value)
        model.minimize(value)
        model.clear_hints()  # type: ignore[no-untyped-call]
        for variable, count in zip(self._taken, np.bincount(hint, minlength=len(self._taken)).tolist(), strict=True):
            model.add_hint(variable, count)
        solver = deterministic(work)
        status = solver.solve(model)
        used = solver.response_proto.deterministic_time
        if status not in SOLVED:
            return Answer(None, least, used)
        counts = np.array([solver.value(variable) for variable in self._taken], np.int64)
        choice = np.repeat(np.arange(counts.size), counts)
        bound = max(
            least, packed.values(choice)[goal] if status == cp_model.OPTIMAL else _up(solver.best_objective_bound)
        )
        return Answer(choice, bound, used)

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

    def _limit_rows(self) -> dict[int, cp_model.LinearExprT]:
        """Sum each row; the rows of counters follow from ``_serve`` and help the solver to see it."""
        terms: dict[int, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        for variable, option in zip(self._taken, self._packed.options, strict=True):
            for row, amount in option.taken.items():
                terms[row].append((variable, amount))
        loads: dict[int, cp_model.LinearExprT] = {
            row: cp_model.LinearExpr.weighted_sum([v for v, _ in parts], [n for _, n in parts])
            for row, parts in terms.items()
        }
        for row, load in loads.items():
            if self._packed.room[row] < FREE:
                self._model.add(load <= int(self._packed.room[row]))
        return loads


def _up(bound: float) -> int:
    """Round up, but not for a hair: the solver states its bound as a float."""
    return int(np.ceil(bound - 1e-6))
