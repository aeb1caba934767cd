"""Which counter serves each person, once the times are known: no counter serves two at once, or while it is closed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic


def seats(
    open_units: NDArray[np.bool_],
    offers: NDArray[np.int16],
    start: NDArray[np.int64],
    units: NDArray[np.integer],
    needs: NDArray[np.integer],
    *,
    before: NDArray[np.int64] | None = None,
    quick: bool = False,
    work: float = 10.0,
) -> NDArray[np.int64] | None:
    """Return everyone a counter; as few as possible leave the one they had before.

    Parameters
    ----------
    open_units, offers
        bool (c, u) and int16 (c,): the counters.
    start, units, needs
        int (n,): the people and when they are served; nobody is seated whose start is -1.
    before
        int (n,): the counter each had, -1 where it does not matter.
    quick
        Do not ask CP-SAT where the simple rule fails.
    work
        Limit in CP-SAT's deterministic time.

    Returns
    -------
    int64 (n,), -1 for those not seated; or None where there is no such assignment, or none was found.
    """
    served = np.flatnonzero(start >= 0)
    had = np.full(start.size, -1) if before is None else before
    given = _Served(open_units, offers, *(column[served].astype(np.int64) for column in (start, units, needs, had)))
    found = _best_fit(given)
    if found is None and not quick:
        found = _assign(given, work=work)
    if found is None:
        return None
    counter = np.full(start.size, -1, np.int64)
    counter[served] = found
    return counter


class _Served(NamedTuple):
    """The counters, and the people to seat at them; as in ``seats``, ``had`` is the counter that each had before."""

    open_units: NDArray[np.bool_]
    offers: NDArray[np.int16]
    start: NDArray[np.int64]
    units: NDArray[np.int64]
    needs: NDArray[np.int64]
    had: NDArray[np.int64]

    def visit(self, person: int) -> slice:
        """Units in which a person is served."""
        return slice(int(self.start[person]), int(self.start[person] + self.units[person]))

    def can_stay(self, person: int, free: NDArray[np.bool_]) -> bool:
        """Whether the counter that a person had suits them and is free, bool (c, u)."""
        own = self.had[person]
        return bool(free[own, self.visit(person)].all()) and not self.needs[person] & ~self.offers[own]

    def suitable(self, person: int, free: NDArray[np.bool_]) -> NDArray[np.int64]:
        """List the counters that suit a person and are free."""
        needs = self.needs[person]
        return np.flatnonzero(free[:, self.visit(person)].all(axis=1) & ((self.offers & needs) == needs))


def _best_fit(given: _Served) -> NDArray[np.int64] | None:
    """Seat who can stay; then the others in time, each where the least is wasted. None where somebody is left over.

    Among counters of one kind this is left-edge colouring, which always succeeds where the numbers fit.
    """
    free = given.open_units.copy()
    counter = np.full(given.start.size, -1, np.int64)
    at_home = np.flatnonzero(given.had >= 0).tolist()
    for person in at_home:
        if given.can_stay(person, free):
            counter[person] = given.had[person]
            free[counter[person], given.visit(person)] = False
    # those whose own counter is closed or unsuitable, no matter who else is there
    homeless = sum(not given.can_stay(person, given.open_units) for person in at_home)
    if (counter[at_home] < 0).sum() > homeless:
        return None  # someone was pushed out by another who stays: the exact way knows the fewest
    scarce = {need: int(((given.offers & need) == need).sum()) for need in np.unique(given.needs).tolist()}
    closes = _closing(given.open_units)
    waiting = [
        (given.start[p], scarce[int(given.needs[p])], -given.units[p], p) for p in np.flatnonzero(counter < 0).tolist()
    ]
    for begin, _, _, person in sorted(waiting):
        fits = given.suitable(person, free)
        if not fits.size:
            return None
        waste = [(int(given.offers[c]).bit_count(), int(closes[c, begin]), c) for c in fits.tolist()]
        counter[person] = min(waste)[2]
        free[counter[person], given.visit(person)] = False
    return counter


def _closing(open_units: NDArray[np.bool_]) -> NDArray[np.int64]:
    """First closed unit from each unit on, int64 (c, u)."""
    counters, units = open_units.shape
    closes = np.empty((counters, units), np.int64)
    ends = np.full(counters, units)
    for unit in range(units - 1, -1, -1):
        ends = np.where(open_units[:, unit], ends, unit)
        closes[:, unit] = ends
    return closes


def _assign(given: _Served, *, work: float) -> NDArray[np.int64] | None:
    model = cp_model.CpModel()
    at: dict[tuple[int, int], list[cp_model.IntVar]] = {}
    choices: list[list[tuple[int, cp_model.IntVar]]] = []
    leaves: list[cp_model.LinearExprT] = []
    for person in range(given.start.size):
        visit = given.visit(person)
        mine = [(counter, model.new_bool_var("")) for counter in given.suitable(person, given.open_units).tolist()]
        model.add_exactly_one([variable for _, variable in mine])
        for counter, variable in mine:
            for unit in range(visit.start, visit.stop):
                at.setdefault((counter, unit), []).append(variable)
            if counter == given.had[person]:
                leaves.append(1 - variable)
        choices.append(mine)
    for together in at.values():
        model.add_at_most_one(together)
    if leaves:
        model.minimize(cp_model.LinearExpr.sum(leaves))
    solver = deterministic(work)
    if solver.solve(model) not in SOLVED:
        return None
    return np.array([next(c for c, v in mine if solver.boolean_value(v)) for mine in choices], np.int64)
