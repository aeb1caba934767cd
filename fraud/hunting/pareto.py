"""Several goals at once, all to be small: who is beaten in none, and who survives a generation (NSGA-II, Deb 2002)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Goals = npt.NDArray[np.float64]
"""float64 (n, k): a row for each candidate, a column for each goal; smaller is better."""


def front(goals: Goals) -> list[int]:
    """Return the rows that no other beats by being as good in each goal and better in one; of equal ones the first."""
    kept = []
    for row, own in enumerate(goals):
        beaten = ((goals <= own).all(axis=1) & (goals < own).any(axis=1)).any()
        twin = (goals[:row] == own).all(axis=1).any()
        if not beaten and not twin:
            kept.append(row)
    return kept


def survivors(goals: Goals, number: int) -> list[int]:
    """Return so many rows: front after front, and of the last one those with most room around them."""
    left, chosen = list(range(len(goals))), list[int]()
    while left and len(chosen) < number:
        best = [left[row] for row in front(goals[left])]
        room = number - len(chosen)
        if len(best) > room:
            lonely = np.argsort(-crowding(goals[best]), kind="stable")
            best = [best[row] for row in lonely[:room]]
        chosen += best
        left = [row for row in left if row not in set(best)]
    return chosen


def crowding(goals: Goals) -> npt.NDArray[np.float64]:
    """Return how much room each row has between its neighbours, summed over the goals; infinite at the ends."""
    room = np.zeros(len(goals))
    for column in goals.T:
        order = np.argsort(column, kind="stable")
        spread = column[order[-1]] - column[order[0]]
        room[order[[0, -1]]] = np.inf
        if spread > 0 and len(order) > 2:  # noqa: PLR2004 - between two ends
            room[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / spread
    return room


def children(parents: Sequence[npt.NDArray[np.float64]], number: int, chance: np.random.Generator) -> list[Goals]:
    """Return new points of the unit cube: each number from one of two parents, and some moved a little."""
    born = []
    for _ in range(number):
        one, other = (parents[int(row)] for row in chance.integers(len(parents), size=2))
        child = np.where(chance.random(len(one)) < 0.5, one, other)  # noqa: PLR2004 - a fair coin
        moves = chance.random(len(child)) < max(0.2, 1 / len(child))
        born.append(np.clip(child + moves * chance.normal(0, 0.2, len(child)), 0, 1))
    return born
