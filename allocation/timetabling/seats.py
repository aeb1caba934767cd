"""Which counter serves whom, once it is known when: no counter serves two at once, none serves while it is closed."""

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
    """Give everyone a counter; as few as possible leave the one they had before.

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
    columns = [column[served].astype(np.int64) for column in (start, units, needs, had)]
    found = _best_fit(open_units, offers, *columns)
    if found is None and not quick:
        found = _assign(open_units, offers, *columns, work=work)
    if found is None:
        return None
    counter = np.full(start.size, -1, np.int64)
    counter[served] = found
    return counter


def _best_fit(
    open_units: NDArray[np.bool_],
    offers: NDArray[np.int16],
    start: NDArray[np.int64],
    units: NDArray[np.int64],
    needs: NDArray[np.int64],
    had: NDArray[np.int64],
) -> NDArray[np.int64] | None:
    """Seat who can stay; then the others in time, each where the least is wasted. None where somebody is left over.

    Among counters of one kind this is left-edge colouring, which always succeeds where the numbers fit.
    """
    free = open_units.copy()
    counter = np.full(start.size, -1, np.int64)
    for person in np.flatnonzero(had >= 0).tolist():
        visit = slice(start[person], start[person] + units[person])
        if free[had[person], visit].all() and not needs[person] & ~offers[had[person]]:
            counter[person] = had[person]
            free[had[person], visit] = False
    if ((counter < 0) & (had >= 0)).sum() > _homeless(open_units, offers, start, units, needs, had):
        return None  # someone was pushed out by another who stays: the exact way knows the fewest
    scarce = {need: int(((offers & need) == need).sum()) for need in np.unique(needs).tolist()}
    closes = _closing(open_units)
    waiting = [(start[p], scarce[int(needs[p])], -units[p], p) for p in np.flatnonzero(counter < 0).tolist()]
    for begin, _, minus_length, person in sorted(waiting):
        visit = slice(begin, begin - minus_length)
        fits = np.flatnonzero(free[:, visit].all(axis=1) & ((offers & needs[person]) == needs[person]))
        if not fits.size:
            return None
        waste = [(int(offers[c]).bit_count(), int(closes[c, begin]), c) for c in fits.tolist()]
        counter[person] = min(waste)[2]
        free[counter[person], visit] = False
    return counter


def _homeless(
    open_units: NDArray[np.bool_],
    offers: NDArray[np.int16],
    start: NDArray[np.int64],
    units: NDArray[np.int64],
    needs: NDArray[np.int64],
    had: NDArray[np.int64],
) -> int:
    """Count the people whose own counter is closed or unsuitable, whoever else is there."""
    return sum(
        bool(needs[p] & ~offers[had[p]]) or not open_units[had[p], start[p] : start[p] + units[p]].all()
        for p in np.flatnonzero(had >= 0).tolist()
    )


def _closing(open_units: NDArray[np.bool_]) -> NDArray[np.int64]:
    """First closed unit from each unit on, int64 (c, u)."""
    counters, units = open_units.shape
    closes = np.empty((counters, units), np.int64)
    ends = np.full(counters, units)
    for unit in range(units - 1, -1, -1):
        ends = np.where(open_units[:, unit], ends, unit)
        closes[:, unit] = ends
    return closes


def _assign(
    open_units: NDArray[np.bool_],
    offers: NDArray[np.int16],
    start: NDArray[np.int64],
    units: NDArray[np.int64],
    needs: NDArray[np.int64],
    had: NDArray[np.int64],
    *,
    work: float,
) -> NDArray[np.int64] | None:
    model = cp_model.CpModel()
    at: dict[tuple[int, int], list[cp_model.IntVar]] = {}
    choices: list[list[tuple[int, cp_model.IntVar]]] = []
    leaves: list[cp_model.LinearExprT] = []
    for person in range(start.size):
        visit = range(int(start[person]), int(start[person] + units[person]))
        suits = open_units[:, list(visit)].all(axis=1) & ((offers & needs[person]) == needs[person])
        mine = [(counter, model.new_bool_var("")) for counter in np.flatnonzero(suits).tolist()]
        model.add_exactly_one([variable for _, variable in mine])
        for counter, variable in mine:
            for unit in visit:
                at.setdefault((counter, unit), []).append(variable)
            if counter == had[person]:
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
