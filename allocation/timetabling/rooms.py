"""How many people fit at the counters: Hall's counting condition, unit by unit.

Take some of the needs, and a window of one or more units. Everyone with one of these needs who is being served in the
whole window takes a different counter, one that offers a suitable feature and is open all that time. So their number
is at most the number of such counters. A choice that breaks such a row has no timetable; one that keeps all rows nearly
always has one, which ``seats`` then finds or refutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from allocation.timetabling.seats import seats
from allocation.timetabling.visits import Kind, Shape

Entries = dict[int, int]
"""Row, and how much of it is taken."""


@dataclass(frozen=True, eq=False)
class Rooms:
    """Rows that no timetable may exceed.

    ``room``: int64 (r,), counters of each row. ``rows[kind][t]``: rows in which a person of that kind who starts at
    unit t takes one counter. ``open_units``, ``offers``: the counters.
    """

    open_units: NDArray[np.bool_]
    offers: NDArray[np.int16]
    room: NDArray[np.int64]
    rows: dict[Kind, list[list[int]]]

    def entries(self, start: int, shape: Shape) -> Entries:
        """Count what a visit of this shape takes of each row when it starts at unit ``start``."""
        taken: Entries = {}
        for after, kind, people in shape:
            for row in self.rows[kind][start + after]:
                taken[row] = taken.get(row, 0) + people
        return taken

    def allow(self, taken: Entries) -> bool:
        """Whether all that is taken fits while nobody else is there."""
        return all(people <= self.room[row] for row, people in taken.items())

    def seat(self, start: int, shape: Shape) -> bool:
        """Whether a visit can really be seated while nobody else is there."""
        people = [(start + after, *kind) for after, kind, count in shape for _ in range(count)]
        when, units, needs = np.array(people, np.int64).T
        return seats(self.open_units, self.offers, when, units, needs) is not None


def rooms(open_units: NDArray[np.bool_], offers: NDArray[np.int16], kinds: Sequence[Kind]) -> Rooms:
    """Count the counters of every set of needs in every window that some kind of person can fill.

    Parameters
    ----------
    open_units
        bool (c, u).
    offers
        int16 (c,), features of each counter.
    kinds
        The kinds of people who come.
    """
    units = open_units.shape[1]
    longest = max((length for length, _ in kinds), default=0)
    room: list[int] = []
    rows: dict[Kind, list[list[int]]] = {kind: [[] for _ in range(units)] for kind in kinds}
    for needs, counters in suitable(offers, sorted({need for _, need in kinds})):
        there = open_units[counters]
        narrower = np.full(units + 1, there.shape[0])
        for width in range(1, min(longest, units) + 1):
            windows = units - width + 1
            whole = np.array([there[:, t : t + width].all(axis=1).sum() for t in range(windows)], np.int64)
            for t in range(windows):
                if width > 1 and whole[t] == min(narrower[t], narrower[t + 1]):
                    continue  # says no more than a narrower window inside it
                for length, need in kinds:
                    if need in needs and length >= width:
                        for start in range(max(0, t + width - length), min(t, units - length) + 1):
                            rows[length, need][start].append(len(room))
                room.append(int(whole[t]))
            narrower = whole
    return Rooms(open_units, offers, np.array(room, np.int64), rows)


def suitable(offers: NDArray[np.int16], needs: list[int]) -> list[tuple[set[int], NDArray[np.bool_]]]:
    """Return each set of counters that suits some needs, with all the needs that no other counter suits."""
    suits = {need: (offers & need) == need for need in needs}
    unions = {
        tuple(np.any([suits[need] for need in some], axis=0).tolist())
        for size in range(1, len(needs) + 1)
        for some in combinations(needs, size)
    }
    found = []
    for union in sorted(unions):
        counters = np.array(union, np.bool_)
        found.append(({need for need in needs if not (suits[need] & ~counters).any()}, counters))
    return found
