"""What each bin asks of a whole request of each size, and the bound that follows.

Prices of single units cannot see that a bin of ten places holds one party of six and not two: where larger requests
alone compete, a part of the gap that they prove is theirs. Here a bin has a price for each size. At any such prices no
plan is worth more than what each request gains above its cheapest bin, and for each bin the dearest set of sizes that
fits into it: weak duality again, where a small knapsack takes the place of places times price.

The best such prices are the duals of a linear programme: requests divide among bins, and in each bin their sizes have
to be a mixture of sets that fit. These sets are found one by one, as the prices call for them (Gilmore, Gomory, "A
linear programming approach to the cutting-stock problem", Operations Research 9, 1961).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from allocation.compiled import compiled
from allocation.line import Line

MOST_ROUNDS: Final = 40
"""Rounds of new sets of sizes; prices of any round prove a bound."""


@dataclass(frozen=True, eq=False)
class SizePrices:
    """``price``: int64 (m, k), of a request of each of ``sizes``, int64 (k,), in each bin; what follows from them.

    ``kind``: int64 (n,), which size each row has. ``worth``: int64 (m,), of the dearest sizes that fit into each bin.
    ``gain``: int64 (n,), of each row above its cheapest bin, or 0.
    """

    sizes: NDArray[np.int64]
    kind: NDArray[np.int64]
    price: NDArray[np.int64]
    worth: NDArray[np.int64]
    gain: NDArray[np.int64]

    @property
    def bound(self) -> int:
        """No plan has a higher objective."""
        return int(self.worth.sum()) + int(self.gain.sum())

    def loss(self, line: Line) -> NDArray[np.int64]:
        """By how much the bound exceeds any plan that puts a row there, at least; int64 (p,), of each pair."""
        value = line.units * line.weight
        return self.gain[line.row] + self.price[line.bin, self.kind[line.row]] - value[line.row]


def size_prices(line: Line, prices: NDArray[np.int64]) -> SizePrices:
    """Find the prices by size that prove the least bound, starting from prices of single units, int64 (m,)."""
    sizes, kind = np.unique(line.units, return_inverse=True)
    kind = kind.astype(np.int64)
    most = np.zeros((line.bins, sizes.size), np.int64)
    np.add.at(most, (line.bin, kind[line.row]), 1)
    most = np.minimum(most, line.places[:, None] // sizes)
    found, sets = _priced(line, sizes, kind, most, prices[:, None] * sizes)
    best = found
    programme = _Programme(line, kind, sizes)
    for _ in range(MOST_ROUNDS):
        if not programme.add(sets, found.worth):
            break
        found, sets = _priced(line, sizes, kind, most, programme.solve())
        if found.bound < best.bound:
            best = found
    return best


def _priced(
    line: Line, sizes: NDArray[np.int64], kind: NDArray[np.int64], most: NDArray[np.int64], price: NDArray[np.int64]
) -> tuple[SizePrices, NDArray[np.int64]]:
    """Work out what prices prove, and the dearest set of sizes of each bin at them, int64 (m, k)."""
    worth, sets = _dearest(sizes, most, line.places, price)
    value = line.units * line.weight
    cheapest = value.copy()
    np.minimum.at(cheapest, line.row, price[line.bin, kind[line.row]])
    return SizePrices(sizes, kind, price, worth, value - cheapest), sets


class _Programme:
    """The linear programme over the sets of sizes known so far, in units of the mean value of a request."""

    def __init__(self, line: Line, kind: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
        value = line.units * line.weight
        self._unit = float(value.mean())
        self._most: NDArray[np.int64] = sizes * line.weight.max()
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._any = self._solver.infinity()
        self._known: set[tuple[int, ...]] = set()
        self._dual = np.zeros(line.bins)
        once = [self._solver.Constraint(-self._any, 1) for _ in range(line.requests)]
        self._one_set = [self._solver.Constraint(-self._any, 1) for _ in range(line.bins)]
        self._held = [[self._solver.Constraint(-self._any, 0) for _ in sizes] for _ in range(line.bins)]
        objective = self._solver.Objective()
        objective.SetMaximization()
        of_pair = kind[line.row].tolist()
        for row, b, size, worth in zip(
            line.row.tolist(), line.bin.tolist(), of_pair, (value[line.row] / self._unit).tolist(), strict=True
        ):
            share = self._solver.NumVar(0, self._any, "")
            once[row].SetCoefficient(share, 1)
            self._held[b][size].SetCoefficient(share, 1)
            objective.SetCoefficient(share, worth)

    def add(self, sets: NDArray[np.int64], worth: NDArray[np.int64]) -> bool:
        """Add those sets, one of each bin, int64 (m, k), that are worth more than the bin is; False where none is."""
        new = False
        dearer = worth > (self._dual + 1e-9) * self._unit
        for b in np.flatnonzero(dearer).tolist():
            key = (b, *sets[b].tolist())
            if key in self._known:
                continue
            self._known.add(key)
            new = True
            share = self._solver.NumVar(0, self._any, "")
            self._one_set[b].SetCoefficient(share, 1)
            for size in np.flatnonzero(sets[b]).tolist():
                self._held[b][size].SetCoefficient(share, -float(sets[b, size]))
        return new

    def solve(self) -> NDArray[np.int64]:
        """Return the prices of all sizes in each bin, rounded; int64 (m, k)."""
        self._solver.Solve()
        self._dual = np.array([each.dual_value() for each in self._one_set])
        price = np.array([[each.dual_value() for each in held] for held in self._held])
        rounded: NDArray[np.int64] = np.rint(np.maximum(price, 0) * self._unit).astype(np.int64)
        least: NDArray[np.int64] = np.minimum(rounded, self._most)
        return least


@compiled
def _dearest(
    sizes: NDArray[np.int64], most: NDArray[np.int64], places: NDArray[np.int64], price: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the dearest set of at most so many of each size that fits into each bin: what it is worth, and how many."""
    worth, sets = np.zeros(places.size, np.int64), np.zeros(most.shape, np.int64)
    for b in range(places.size):
        items = most[b].sum()
        best = np.zeros((items + 1, places[b] + 1), np.int64)
        item = 0
        for size in range(sizes.size):
            for _ in range(most[b, size]):
                for room in range(places[b] + 1):
                    best[item + 1, room] = best[item, room]
                    if room >= sizes[size]:
                        taken = best[item, room - sizes[size]] + price[b, size]
                        best[item + 1, room] = max(best[item + 1, room], taken)
                item += 1
        room = places[b]
        worth[b] = best[items, room]
        for size in range(sizes.size - 1, -1, -1):
            for _ in range(most[b, size]):
                if best[item, room] != best[item - 1, room]:
                    sets[b, size] += 1
                    room -= sizes[size]
                item -= 1
    return worth, sets
