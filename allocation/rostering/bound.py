"""What no roster exceeds: the linear programme of the whole horizon, with parts of shifts.

Staff who differ in nothing count as one: the average of their shifts is a solution too, so nothing is lost.
"""

from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from allocation.rostering.roster import LACKING, OWED
from allocation.rostering.weeks import WEEK, Flags, Weeks, segments


def bound(weeks: Weeks) -> float:
    """Return a value that the worth of no roster exceeds, in people."""
    useful = weeks.useful()
    programme = _Programme(weeks, useful)
    for members in _alike(weeks, useful):
        programme.add(members)
    return programme.solve()


class _Programme:
    def __init__(self, weeks: Weeks, useful: Flags) -> None:
        self._weeks, self._useful = weeks, useful
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        self._cover: dict[tuple[int, int], Any] = {}
        self._skill: dict[tuple[int, int, int], Any] = {}
        for day in range(weeks.days):
            for block in range(weeks.gain.shape[1]):
                self._serve(day, block)

    def _serve(self, day: int, block: int) -> None:
        row = self._cover[day, block] = self._at_most(0.0)
        for gain, width in segments(self._weeks.gain[day, block]):
            row.SetCoefficient(self._variable(width, gain), 1)
        for skill in np.flatnonzero(self._weeks.needs[day, block]).tolist():
            need = int(self._weeks.needs[day, block, skill])
            least = self._skill[day, block, skill] = self._solver.Constraint(need, self._solver.infinity())
            least.SetCoefficient(self._variable(need, -LACKING), 1)

    def add(self, members: list[int]) -> None:
        """Add some who differ in nothing."""
        weeks, size, who = self._weeks, len(members), members[0]
        works: list[list[Any]] = [[] for _ in range(weeks.days)]
        pay = [self._paid(size, who) for _ in range(weeks.days // WEEK)]
        for day, kind in zip(*(one.tolist() for one in np.nonzero(self._useful[who])), strict=True):
            variable = self._variable(size, 0.0)
            works[day].append(variable)
            pay[day // WEEK].SetCoefficient(variable, int(weeks.shifts.paid[kind]))
            for block in np.flatnonzero(weeks.shifts.covers[kind]).tolist():
                self._cover[day, block].SetCoefficient(variable, -1)
                for skill in np.flatnonzero(weeks.staff.skills[who] & (weeks.needs[day, block] > 0)).tolist():
                    self._skill[day, block, skill].SetCoefficient(variable, 1)
        for each in works:
            self._limit(each, size)
        for first in range(0, weeks.days, WEEK):
            self._limit(
                [one for each in works[first : first + WEEK] for one in each], size * (WEEK - weeks.law.days_off)
            )
        row = weeks.law.days_in_a_row
        for first in range(weeks.days - row):
            self._limit([one for each in works[first : first + row + 1] for one in each], size * row)

    def solve(self) -> float:
        """Return the value of the programme; all gains together where the solver fails."""
        solved = self._solver.Solve() == pywraplp.Solver.OPTIMAL
        return float(self._objective.Value()) if solved else float(self._weeks.gain.sum())

    def _paid(self, size: int, who: int) -> Any:
        owed, most = int(self._weeks.staff.owed[who]), int(self._weeks.staff.most[who])
        row = self._solver.Constraint(size * owed, size * owed)
        row.SetCoefficient(self._variable(size * max(most - owed, 0), -self._weeks.overtime / 60), -1)
        row.SetCoefficient(self._variable(size * owed, -OWED / 60), 1)
        return row

    def _limit(self, variables: list[Any], most: int) -> None:
        row = self._at_most(float(most))
        for variable in variables:
            row.SetCoefficient(variable, 1)

    def _at_most(self, most: float) -> Any:
        return self._solver.Constraint(-self._solver.infinity(), most)

    def _variable(self, most: float, gain: float) -> Any:
        variable = self._solver.NumVar(0, most, "")
        self._objective.SetCoefficient(variable, gain)
        return variable


def _alike(weeks: Weeks, useful: Flags) -> list[list[int]]:
    """Return those who differ in nothing that the programme reads."""
    groups: dict[tuple[bytes, bytes, int, int], list[int]] = {}
    for who in range(weeks.people):
        key = (
            useful[who].tobytes(),
            weeks.staff.skills[who].tobytes(),
            int(weeks.staff.owed[who]),
            int(weeks.staff.most[who]),
        )
        groups.setdefault(key, []).append(who)
    return list(groups.values())
