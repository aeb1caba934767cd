"""Statistical disclosure control: which cells of a table are left empty, so that it gives nobody away.

A table with its totals is a network: each equation (a row, a column, the sum of the totals) is a node, each cell an
arc between the two equations that it stands in. A hidden cell can be worked out exactly when no flow around a circle of
hidden arcs could change it (Kelly, Golden and Assad, 1992; Cox, 1995). So for each hidden cell the cheapest circle is
sought along which it could be one more or less, and the cells of that circle are hidden too.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 5
"""The smallest count of people that is shown; 0 is shown too."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A count; it adds to the sum of the equation ``tail`` and is part of what the equation ``head`` takes away."""

    tail: int
    head: int
    value: int


def hidden_cells(cells: Sequence[Cell], *, least: int = LEAST) -> frozenset[int]:
    """Choose the cells to hide: the small ones, and as few people in others as protect them.

    Anyone who reads the table knows the rule, that hidden cells are at least 1, and every sum that is shown.

    Parameters
    ----------
    cells
        All counts with their totals; in every equation the cells with this tail add up to those with this head.

    Returns
    -------
    frozenset
        Positions of the hidden cells. Each could be another number in a table that looks the same, and those of one
        equation are ``least`` people together; where that cannot be had, every cell above 0 is hidden.
    """
    everything = frozenset(place for place, cell in enumerate(cells) if cell.value > 0)
    hidden = {place for place in everything if cells[place].value < least}
    safe: set[int] = set()
    while True:
        added = _companion(cells, hidden, everything, least)
        for place in sorted(hidden - safe) if added == set() else ():
            circle = _circle(cells, place, hidden, everything)
            if circle is None:
                return everything
            safe.add(place)
            added = circle - hidden
            if added:
                break
        if added is None:
            return everything
        if not added:
            return frozenset(hidden)
        hidden |= added


def _companion(cells: Sequence[Cell], hidden: set[int], free: frozenset[int], least: int) -> set[int] | None:
    """Find a further cell for an equation that leaves fewer than ``least`` people hidden; None: there is none."""
    sides: dict[tuple[int, bool], list[int]] = {}
    for place, cell in enumerate(cells):
        sides.setdefault((cell.tail, True), []).append(place)
        sides.setdefault((cell.head, False), []).append(place)
    for (node, adds), places in sides.items():
        ours = [place for place in places if place in hidden]
        others = sides.get((node, not adds), [])
        if not ours or hidden & set(others) or sum(cells[place].value for place in ours) >= least:
            continue
        beside = [place for place in places if place in free and place not in hidden]
        choice = beside or [place for place in others if place in free]
        return {min(choice, key=lambda place: (cells[place].value, place))} if choice else None
    return set()


def _circle(cells: Sequence[Cell], place: int, hidden: set[int], free: frozenset[int]) -> set[int] | None:
    """Find the cheapest cells that let the one at ``place`` be another, all still at least 1; None: none do."""
    ways: dict[int, list[tuple[int, int]]] = {}
    for number, cell in enumerate(cells):
        if number == place or (number not in hidden and number not in free):
            continue
        ways.setdefault(cell.tail, []).append((cell.head, number))
        if cell.value > 1:
            ways.setdefault(cell.head, []).append((cell.tail, number))
    prices = [0 if number in hidden else cell.value for number, cell in enumerate(cells)]
    own = cells[place]
    larger = _path(ways, prices, own.head, own.tail)
    smaller = _path(ways, prices, own.tail, own.head) if own.value > 1 else None
    paths = [path for path in (larger, smaller) if path is not None]
    return min(paths, key=lambda path: sum(prices[number] for number in path)) if paths else None


def _path(ways: dict[int, list[tuple[int, int]]], prices: Sequence[int], start: int, goal: int) -> set[int] | None:
    """Find the cheapest way between two nodes (Dijkstra), as the arcs that it takes."""
    reached: dict[int, tuple[int, int]] = {}
    heap = [(0, start, start, -1)]
    while heap:
        price, node, before, by = heapq.heappop(heap)
        if node in reached:
            continue
        reached[node] = (before, by)
        if node == goal:
            break
        for other, number in ways.get(node, ()):
            heapq.heappush(heap, (price + prices[number], other, node, number))
    else:
        return None
    path: set[int] = set()
    node = goal
    while node != start:
        node, by = reached[node]
        path.add(by)
    return path
