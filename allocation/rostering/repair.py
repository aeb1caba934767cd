"""The morning on which somebody is absent: the least change of the day after which what is booked is served.

Goals, each before the next: fewest missing of a skill that is needed (people × blocks); fewest counters missing for
what is booked; fewest people whose shift changes; fewest minutes by which their work changes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.rostering.roster import FREE
from allocation.rostering.weeks import Flags, Shifts, Whole

WORK: Final = 4.0
"""Deterministic time for each goal."""


@dataclass(frozen=True, eq=False)
class Today:
    """A day to repair. What has begun is not changed: only shifts that are the same before ``now`` can be given.

    ``shift`` (staff): what is published; ``absent`` (staff); ``allowed`` (staff × shifts): what the law and leave let
    each one do today; ``booked`` (blocks): counters that the appointments need; ``needs`` (blocks × skills); ``now``:
    the first block that has not begun.
    """

    shifts: Shifts
    shift: Whole
    absent: Flags
    allowed: Flags
    skills: Flags
    booked: Whole
    needs: Whole
    now: int = 0


@dataclass(frozen=True, eq=False)
class Repaired:
    """``shift`` (staff) from now on, ``changed`` (rows of staff who are there and have another shift than before).

    ``counters`` (blocks): how many are at counters; ``short`` (blocks): how many are missing for what is booked, so
    that people have to be moved; ``lacking`` (blocks × skills): how many of a needed skill.
    """

    shift: Whole
    changed: Whole
    counters: Whole
    short: Whole
    lacking: Whole


def repair(today: Today, *, work: float = WORK) -> Repaired:
    """Return the day with the least change; the same day gives the same answer.

    Raises
    ------
    ValueError
        The columns do not fit each other.
    """
    people, kinds = today.allowed.shape
    if len(today.shift) != people or len(today.absent) != people or len(today.shifts.paid) != kinds:
        raise ValueError("shift, absent and allowed do not fit each other")
    return _Model(today, _choices(today)).solve(work)


def _choices(today: Today) -> list[list[int]]:
    """Return what each one can do: what is published, nothing more, or a shift that was the same until now."""
    covers = today.shifts.covers_or_free
    choices = []
    for who, (published, away) in enumerate(zip(today.shift.tolist(), today.absent.tolist(), strict=True)):
        if away:
            choices.append([FREE])
            continue
        same = (covers[:, : today.now] == covers[published, : today.now]).all(axis=1)
        later = covers[:-1, today.now :].any(axis=1)
        more = np.flatnonzero(today.allowed[who] & same[:-1] & later).tolist()
        choices.append([published, *(kind for kind in more if kind != published)])
    return choices


class _Model:
    def __init__(self, today: Today, choices: list[list[int]]) -> None:
        self._today, self._choices = today, choices
        self._model = model = cp_model.CpModel()
        self._chosen = [{kind: model.new_bool_var("") for kind in kinds} for kinds in choices]
        for each in self._chosen:
            model.add_exactly_one(each.values())
        self._goals = [self._lacking(), self._short(), self._changes(), self._minutes()]

    def solve(self, work: float) -> Repaired:
        """Minimise goal after goal."""
        found = [kinds[0] for kinds in self._choices]
        for goal in self._goals:
            self._model.minimize(goal)
            solver = deterministic(work)
            if solver.solve(self._model) not in SOLVED:
                break
            found = [next(kind for kind, one in each.items() if solver.boolean_value(one)) for each in self._chosen]
            self._model.add(goal <= round(solver.objective_value))
            self._model.clear_hints()  # type: ignore[no-untyped-call]
            for each, kind in zip(self._chosen, found, strict=True):
                self._model.add_hint(each[kind], value=True)
        return outcome(self._today, np.array(found, np.int64))

    def _present(self, block: int, skill: int | None = None) -> list[cp_model.IntVar]:
        covers, skills = self._today.shifts.covers, self._today.skills
        return [
            one
            for who, each in enumerate(self._chosen)
            for kind, one in each.items()
            if kind != FREE and covers[kind, block] and (skill is None or skills[who, skill])
        ]

    def _missing(self, need: int, present: list[cp_model.IntVar]) -> cp_model.IntVar:
        missing = self._model.new_int_var(0, max(need, 0), "")
        self._model.add(cp_model.LinearExpr.sum(present) + missing >= need)
        return missing

    def _lacking(self) -> cp_model.LinearExprT:
        needs = self._today.needs
        blocks = range(self._today.now, len(needs))
        every = [(block, skill) for block in blocks for skill in np.flatnonzero(needs[block]).tolist()]
        return cp_model.LinearExpr.sum(
            [self._missing(int(needs[block, skill]), self._present(block, skill)) for block, skill in every]
        )

    def _short(self) -> cp_model.LinearExprT:
        booked = self._today.booked.tolist()
        return cp_model.LinearExpr.sum(
            [self._missing(booked[block], self._present(block)) for block in range(self._today.now, len(booked))]
        )

    def _changes(self) -> cp_model.LinearExprT:
        return cp_model.LinearExpr.sum(
            [one for who, each in enumerate(self._chosen) for kind, one in each.items() if self._is_change(who, kind)]
        )

    def _is_change(self, who: int, kind: int) -> bool:
        return not self._today.absent[who] and kind != int(self._today.shift[who])

    def _minutes(self) -> cp_model.LinearExprT:
        covers, paid = self._today.shifts.covers_or_free, self._today.shifts.paid_or_free
        terms, weights = [], []
        for who, each in enumerate(self._chosen):
            was = int(self._today.shift[who])
            for kind, one in each.items():
                terms.append(one)
                moved = int((covers[kind] != covers[was]).sum())
                weights.append(abs(int(paid[kind] - paid[was])) + moved if self._is_change(who, kind) else 0)
        return cp_model.LinearExpr.weighted_sum(terms, weights)


def outcome(today: Today, shift: Whole) -> Repaired:
    """Return what comes of the day where staff have these shifts."""
    there = today.shifts.covers_or_free[shift]
    counters = there.sum(axis=0)
    skilled = there.astype(np.int64).T @ today.skills.astype(np.int64)
    coming = np.arange(len(today.booked)) >= today.now
    return Repaired(
        shift=shift,
        changed=np.flatnonzero(~today.absent & (shift != today.shift)),
        counters=counters,
        short=np.where(coming, np.maximum(today.booked - counters, 0), 0),
        lacking=np.where(coming[:, None], np.maximum(today.needs - skilled, 0), 0),
    )
