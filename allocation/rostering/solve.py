"""The best roster that is found, week after week, with a bound on every roster.

Each week is solved by CP-SAT with what the weeks before left: days in a row, the end of the last shift. The last one
leaves rests and days off before what is worked after it. The linear programme of a week says when nothing better is
left to be found: where staff can be exchanged for each other, CP-SAT would take far longer to prove it.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.rostering.bound import bound
from allocation.rostering.roster import FREE, LACKING, OWED, Roster, worth
from allocation.rostering.weeks import WEEK, Flags, Weeks, Whole, segments

SCALE: Final = 1000
"""Thousandths of a person: what CP-SAT counts in."""
WORK: Final = 8.0
"""Deterministic time of CP-SAT for one week: some seconds."""


def _quiet(_share: float) -> None:
    pass


def solve(weeks: Weeks, *, work: float = WORK, progress: Callable[[float], object] = _quiet) -> Roster:
    """Return a roster that keeps the law, with the bound on all others; the same columns give the same roster.

    Parameters
    ----------
    work
        Deterministic time for each week.
    progress
        Told the share that is done, from 0 to 1.
    """
    shift = np.full((weeks.people, weeks.days), FREE, np.int64)
    count, most = weeks.days // WEEK, 0.0
    useful = weeks.useful()
    for week in range(count):
        progress(week / (count + 1))
        most = bound(weeks.week(week))
        shift[:, week * WEEK : (week + 1) * WEEK] = _Week(weeks, useful, shift, week).solve(work, most)
    progress(count / (count + 1))
    value = worth(weeks, shift)
    return Roster(shift, value, max(most if count == 1 else bound(weeks), value))


class _Enough(cp_model.CpSolverSolutionCallback):
    """Ends a search whose solution is worth all that there can be."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self._most = most

    def on_solution_callback(self) -> None:
        """Look at a solution that is better than those before."""
        if self.objective_value >= self._most:
            self.stop_search()


class _Week:
    """The model of one week, after the weeks before it were decided."""

    def __init__(self, weeks: Weeks, useful: Flags, before: Whole, week: int) -> None:
        self._weeks, self._first = weeks, week * WEEK
        self._model = cp_model.CpModel()
        self._gains: list[tuple[cp_model.IntVar, int]] = []
        days = useful[:, self._first : self._first + WEEK]
        if week:
            days = days & (_rested(weeks, before[:, self._first - 1])[:, None] | (np.arange(WEEK) > 0)[None, :, None])
        self._given = {
            (int(who), int(day), int(kind)): self._model.new_bool_var("")
            for who, day, kind in zip(*np.nonzero(days), strict=True)
        }
        self._works: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (who, day, _), variable in self._given.items():
            self._works.setdefault((who, day), []).append(variable)
        last = self._first + WEEK == weeks.days
        self._keep_the_law(
            _in_a_row(weeks, before[:, : self._first]),
            weeks.staff.follow * last,  # later weeks are not decided yet
        )
        self._pay()
        self._serve()

    def solve(self, work: float, most: float) -> Whole:
        """Return (staff × seven days) the shifts; ``most`` is what they can be worth at most, in people."""
        shift = np.full((self._weeks.people, WEEK), FREE, np.int64)
        if not self._gains:  # closed all week
            return shift
        variables, weights = zip(*self._gains, strict=True)
        self._model.maximize(cp_model.LinearExpr.weighted_sum(variables, weights))
        solver = deterministic(work)
        solver.parameters.relative_gap_limit = 5e-4
        if solver.solve(self._model, _Enough(SCALE * most - 1)) in SOLVED:
            for (who, day, kind), variable in self._given.items():
                if solver.boolean_value(variable):
                    shift[who, day] = kind
        return shift

    def _keep_the_law(self, in_a_row: Whole, follow: Whole) -> None:
        """One shift a day, rests between shifts, days off, days in a row with those worked before and after."""
        weeks, law = self._weeks, self._weeks.law
        for together in self._works.values():
            self._model.add_at_most_one(together)
        for first, then in weeks.too_close():
            for who in range(weeks.people):
                for day in range(WEEK - 1):
                    pair = (self._given.get((who, day, first)), self._given.get((who, day + 1, then)))
                    if pair[0] is not None and pair[1] is not None:
                        self._model.add_at_most_one([pair[0], pair[1]])
        for who in range(weeks.people):
            by_day = [self._works.get((who, day), []) for day in range(WEEK)]
            every = [one for day in by_day for one in day]
            if every:
                self._model.add(cp_model.LinearExpr.sum(every) <= WEEK - law.days_off)
            before, after = int(in_a_row[who]), int(follow[who])
            for first in range(-before, WEEK + after - law.days_in_a_row):
                last = first + law.days_in_a_row
                window = [one for each in by_day[max(first, 0) : max(last + 1, 0)] for one in each]
                worked = max(-first, 0) + max(last + 1 - WEEK, 0)
                if window:
                    self._model.add(cp_model.LinearExpr.sum(window) <= max(law.days_in_a_row - worked, 0))

    def _pay(self) -> None:
        """No week longer than allowed; overtime costs, and hours owed are given where that costs nothing."""
        weeks = self._weeks
        given: dict[int, list[tuple[cp_model.IntVar, int]]] = {}
        for (who, _, kind), variable in self._given.items():
            given.setdefault(who, []).append((variable, int(weeks.shifts.paid[kind])))
        for who, mine in given.items():
            worked = cp_model.LinearExpr.weighted_sum([v for v, _ in mine], [paid for _, paid in mine])
            owed, most = int(weeks.staff.owed[who]), int(weeks.staff.most[who])
            over = self._model.new_int_var(0, max(most - owed, 0), "")
            under = self._model.new_int_var(0, owed, "")
            self._model.add(worked - over + under == owed)
            self._gains += [(over, -round(SCALE * weeks.overtime / 60)), (under, -max(1, round(SCALE * OWED / 60)))]

    def _serve(self) -> None:
        """Count who is at counters in each block: each further one serves as many as its gain says."""
        weeks = self._weeks
        covers = weeks.shifts.covers
        there: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = {}
        for (who, day, kind), variable in self._given.items():
            for block in np.flatnonzero(covers[kind]).tolist():
                there.setdefault((day, block), []).append((who, variable))
        for day in range(WEEK):
            for block in range(weeks.gain.shape[1]):
                present = there.get((day, block), [])
                self._count(weeks.gain[self._first + day, block], [one for _, one in present])
                for skill in np.flatnonzero(weeks.needs[self._first + day, block]).tolist():
                    skilled = [one for who, one in present if weeks.staff.skills[who, skill]]
                    need = int(weeks.needs[self._first + day, block, skill])
                    lacking = self._model.new_int_var(0, need, "")
                    self._model.add(cp_model.LinearExpr.sum(skilled) + lacking >= need)
                    self._gains.append((lacking, -round(SCALE * LACKING)))

    def _count(self, gain: np.ndarray, present: list[cp_model.IntVar]) -> None:
        steps = []
        for each, width in segments(gain):
            step = self._model.new_int_var(0, width, "")
            steps.append(step)
            self._gains.append((step, round(SCALE * each)))
        if steps:
            self._model.add(cp_model.LinearExpr.sum(steps) <= cp_model.LinearExpr.sum(present))


def _rested(weeks: Weeks, yesterday: Whole) -> Flags:
    """Return (staff × shifts) which shifts leave the rest after the shift of the day before."""
    close = np.zeros((len(weeks.shifts.paid) + 1, len(weeks.shifts.paid)), np.bool_)
    for first, then in weeks.too_close():
        close[first, then] = True
    rested: Flags = ~close[yesterday]
    return rested


def _in_a_row(weeks: Weeks, before: Whole) -> Whole:
    """Return how many days each has worked without a day off until now."""
    run = weeks.staff.in_a_row.copy()
    for day in range(before.shape[1]):
        run = np.where(before[:, day] != FREE, run + 1, 0)
    return run
