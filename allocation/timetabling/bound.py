"""How good a goal can be at best: prices of the rows from a linear program, proven by whole-number arithmetic.

The linear program may be inexact, and the bound still holds: for any prices that are not negative, no choice of options
costs less than the sum of each party's cheapest option, less what the room is worth (weak duality).
"""

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from allocation.timetabling.packing import FREE, Goal, Packing, Wide

_ONE = 1 << 20
"""Prices are whole multiples of 1 / _ONE."""
_ROUNDS = 8
_SMALL = 4000
"""Options of which the linear program starts with all."""


def at_least(packed: Packing, goal: Goal, room: NDArray[np.int64], value: int) -> int:
    """Give a value, at most ``value``, that the goal cannot be below while no row exceeds its room.

    ``value`` has been reached: only what could be below it is looked at.
    """
    below = room.copy()
    below[goal.rows] = value - 1
    program = _Program(packed, goal, room)
    program.take(_cheap(packed, goal))
    best = 0
    for _ in range(_ROUNDS):
        price = program.price()
        if price is None:
            break
        cost = _cost(packed, price)
        best = max(best, _proven(packed, goal, below, price, cost))
        if best >= value or not program.take(_better(packed, cost, program.taken)):
            break
    return min(best, value)


def _proven(
    packed: Packing, goal: Goal, below: NDArray[np.int64], price: NDArray[np.int64], cost: NDArray[np.int64]
) -> int:
    """Weak duality: the cheapest option of each party, less the worth of the room, over the goal's own price."""
    own = int(price[goal.rows].sum())
    if own == 0:
        return 0
    total = 0
    cheapest = np.minimum.reduceat(cost, packed.first_option[:-1])
    for group, least in zip(packed.groups, cheapest.tolist(), strict=True):
        wide = [_cheapest_wide(wide, price) for wide in group.wide if wide.fits(below)]
        total += len(group.parties) * min([least, *wide])
    scarce = price > 0
    scarce[goal.rows] = False
    total -= int((price[scarce] * below[scarce]).sum())
    return -(-total // own)


def _cost(packed: Packing, price: NDArray[np.int64]) -> NDArray[np.int64]:
    """Price of each option, int64; every option takes something of some row or costs nothing."""
    sums = np.zeros(packed.row.size + 1, np.int64)
    np.cumsum(price[packed.row] * packed.amount, out=sums[1:])
    return np.diff(sums[packed.first_entry])


def _cheapest_wide(wide: Wide, price: NDArray[np.int64]) -> int:
    cost = sum(int(price[row]) * amount for row, amount in wide.taken.items())
    cost += wide.people * min((int(price[row]) for row in wide.first), default=0)
    for people, starts in wide.kinds:
        cost += people * min(sum(int(price[row]) for row in rows) for rows in starts)
    return cost


def _cheap(packed: Packing, goal: Goal) -> NDArray[np.int64]:
    """Options to begin with: all, or those that cost the goal least in each group."""
    options = len(packed.options)
    if options <= _SMALL:
        return np.arange(options)
    price = np.zeros(packed.room.size, np.int64)
    price[goal.rows] = 1
    cost = _cost(packed, price)
    cheapest = np.minimum.reduceat(cost, packed.first_option[:-1])
    return np.flatnonzero(cost == np.repeat(cheapest, np.diff(packed.first_option)))


def _better(packed: Packing, cost: NDArray[np.int64], taken: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Options left out of the program that are cheaper than all that are in it."""
    inside = np.where(taken, cost, np.iinfo(np.int64).max)
    cheapest = np.minimum.reduceat(inside, packed.first_option[:-1])
    return np.flatnonzero(cost < np.repeat(cheapest, np.diff(packed.first_option)))


class _Program:
    """The linear program over some of the options; options are added as prices show that they matter."""

    def __init__(self, packed: Packing, goal: Goal, room: NDArray[np.int64]) -> None:
        self._packed = packed
        self.taken = np.zeros(len(packed.options), np.bool_)
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self._solver.infinity()
        self._served = [self._solver.Constraint(len(group.parties), len(group.parties)) for group in packed.groups]
        self._group = np.repeat(np.arange(len(packed.groups)), np.diff(packed.first_option)).tolist()
        limited = np.setdiff1d(np.flatnonzero(room < FREE), goal.rows)
        self._rows = {row: self._solver.Constraint(-infinity, float(room[row])) for row in limited.tolist()}
        value = self._solver.NumVar(0.0, infinity, "")
        self._solver.Objective().SetCoefficient(value, 1.0)
        self._solver.Objective().SetMinimization()
        for row in goal.rows.tolist():
            self._rows[row] = self._solver.Constraint(-infinity, 0.0)
            self._rows[row].SetCoefficient(value, -1.0)

    def take(self, options: NDArray[np.int64]) -> bool:
        """Add options; False where there are none."""
        entries = self._packed.first_entry
        for option in options.tolist():
            share = self._solver.NumVar(0.0, self._solver.infinity(), "")
            self._served[self._group[option]].SetCoefficient(share, 1.0)
            for entry in range(int(entries[option]), int(entries[option + 1])):
                row = self._rows.get(int(self._packed.row[entry]))
                if row is not None:
                    row.SetCoefficient(share, float(self._packed.amount[entry]))
        self.taken[options] = True
        return options.size > 0

    def price(self) -> NDArray[np.int64] | None:
        """Price of each row in multiples of 1 / _ONE, never negative; None where the program has no answer."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        price = np.zeros(self._packed.room.size, np.int64)
        for row, constraint in self._rows.items():
            price[row] = max(0, round(-constraint.dual_value() * _ONE))
        return price
