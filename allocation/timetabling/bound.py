"""How good a goal can be at best: prices of the rows from a linear program, proven by whole-number arithmetic.

The linear program may be inexact, and the bound still holds: for any prices that are not negative, no choice of options
costs less than the sum of each party's cheapest option, less what the room is worth (weak duality).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from allocation.timetabling.packing import FREE, Goal, Group, Packing, Wide, packing

_ONE = 1 << 20
"""Prices are whole multiples of 1 / _ONE."""
_ROUNDS = 8
_SMALL = 4000
"""Options of which the linear program starts with all."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What could still be better than a choice in one goal.

    ``of_all``: no choice is below it, whatever the visits; ``of_options``: nor any of those described. ``rest``: the
    packing without the options that no better choice has, None where nothing is left; ``options``: int64, the number
    of each of its options in the whole packing.
    """

    of_all: int
    of_options: int
    rest: Packing | None
    options: NDArray[np.int64]

    @property
    def longer(self) -> bool:
        """Whether a visit that is not described could be part of a better choice."""
        return self.rest is not None and any(group.wide for group in self.rest.groups)


def outlook(packed: Packing, goal: Goal, room: NDArray[np.int64], choice: NDArray[np.int64]) -> Outlook:
    """Look for what could be better in a goal than ``choice``, int64 (p,), while no row exceeds its room."""
    value = int(packed.load(choice)[goal.rows].max(initial=0))
    below = room.copy()
    below[goal.rows] = value - 1
    view = _View(packed, goal, below)
    program = _Program(packed, goal, room)
    program.take(_cheap(packed, goal, choice))
    for _ in range(_ROUNDS):
        price = program.price()
        if price is None:
            break
        cost = _cost(packed, price)
        view.look(price, cost)
        if view.of_all >= value or not program.take(_better(packed, cost, program.taken)):
            break
    return view.outlook(value)


class _View:
    """Collects what prices prove: bounds, and options that cost too much to be in a better choice."""

    def __init__(self, packed: Packing, goal: Goal, below: NDArray[np.int64]) -> None:
        self._packed, self._goal, self._below = packed, goal, below
        self._possible = np.ones(len(packed.options), np.bool_)
        self._wide = [[wide for wide in group.wide if wide.fits(below)] for group in packed.groups]
        self._sizes = np.array([len(group.parties) for group in packed.groups])
        self.of_all = self.of_options = 0

    def look(self, price: NDArray[np.int64], cost: NDArray[np.int64]) -> None:
        """Weak duality: the cheapest option of each party, less the worth of the room, over the goal's own price."""
        own = int(price[self._goal.rows].sum())
        if own == 0:
            return
        scarce = price > 0
        scarce[self._goal.rows] = False
        worth = int((price[scarce] * self._below[scarce]).sum())
        at_most = int(self._below[self._goal.rows].max(initial=0)) * own
        described = np.minimum.reduceat(cost, self._packed.first_option[:-1])
        self.of_options = max(self.of_options, -((worth - int((self._sizes * described).sum())) // own))
        wide = [[_cheapest_wide(one, price) for one in some] for some in self._wide]
        cheapest = np.array(
            [min([least, *some]) for least, some in zip(described.tolist(), wide, strict=True)], np.int64
        )
        total = int((self._sizes * cheapest).sum()) - worth
        self.of_all = max(self.of_all, -(-total // own))
        spare = at_most - total + cheapest
        self._possible &= cost <= np.repeat(spare, np.diff(self._packed.first_option))
        for number, (some, costs) in enumerate(zip(self._wide, wide, strict=True)):
            self._wide[number] = [one for one, dear in zip(some, costs, strict=True) if dear <= spare[number]]

    def outlook(self, value: int) -> Outlook:
        packed, options = self._packed, np.flatnonzero(self._possible)
        kept = np.split(options, np.searchsorted(options, packed.first_option[1:-1]))
        groups = [
            Group(group.parties, [packed.options[option] for option in some.tolist()], wide)
            for group, some, wide in zip(packed.groups, kept, self._wide, strict=True)
        ]
        hopeless = self.of_all >= value or not all(group.options or group.wide for group in groups)
        of_all = value if hopeless else self.of_all
        described = all(group.options for group in groups) and self.of_options < value
        rest = None if hopeless else packing(packed.room, packed.goals, groups)
        return Outlook(of_all, self.of_options if described else value, rest, options)


def _cost(packed: Packing, price: NDArray[np.int64]) -> NDArray[np.int64]:
    """Price of each option, int64; every option takes something of some row or costs nothing."""
    sums = np.zeros(packed.row.size + 1, np.int64)
    np.cumsum(price[packed.row] * packed.amount, out=sums[1:])
    return np.diff(sums[packed.first_entry])


def _cheapest_wide(wide: Wide, price: NDArray[np.int64]) -> int:
    cost = sum(int(price[row]) * amount for row, amount in wide.taken.items())
    cost += wide.people * min((int(price[row]) for row in wide.first), default=0)
    for people, starts in wide.kinds:
        cost += people * min(sum(int(price[row]) * amount for row, amount in taken.items()) for taken in starts)
    return cost


def _cheap(packed: Packing, goal: Goal, choice: NDArray[np.int64]) -> NDArray[np.int64]:
    """Options to begin with: all, or those that are chosen or cost the goal least in each group."""
    options = len(packed.options)
    if options <= _SMALL:
        return np.arange(options)
    price = np.zeros(packed.room.size, np.int64)
    price[goal.rows] = 1
    cost = _cost(packed, price)
    cheapest = np.minimum.reduceat(cost, packed.first_option[:-1])
    return np.union1d(np.flatnonzero(cost == np.repeat(cheapest, np.diff(packed.first_option))), choice)


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
