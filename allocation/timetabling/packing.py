"""Choose one option per party so that no row is exceeded: the one form of both questions, timetable and repair.

Rows are what is scarce (counters in a unit) and what is wished (people unplaced, people moved, …): a goal is one row,
or several of which the fullest counts. Equal parties form a class, so that symmetric answers are one answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.timetabling.visits import Shape

FREE = np.int64(1 << 40)
"""Room of a row without a limit."""


@dataclass(frozen=True)
class Option:
    """One way to treat a party of a class: start and shape (-1 and empty: not placed), and what it takes of rows."""

    start: int
    shape: Shape
    taken: Mapping[int, int]


@dataclass(frozen=True)
class Wide:
    """All longer visits of a class that no option describes, seen as people who come one by one.

    ``taken``: what each of these visits takes at least; ``first``: rows of which it takes ``people``, one of these;
    ``kinds``: how many people, and what each takes at each possible start; ``least``: what they take at least in all of
    rows that ``kinds`` counts too. Only for bounds: it allows more than is possible.
    """

    taken: Mapping[int, int]
    people: int
    first: Sequence[int]
    kinds: Sequence[tuple[int, Sequence[Mapping[int, int]]]]
    least: Mapping[int, int] = field(default_factory=dict)

    def fits(self, room: NDArray[np.int64]) -> bool:
        """Whether such a visit could be within the room of what it takes at least."""
        return all(amount <= room[row] for row, amount in (*self.taken.items(), *self.least.items()))


@dataclass(frozen=True)
class Group:
    """Equal parties, by row; what can be done with each; visits left out (none: all are described)."""

    parties: Sequence[int]
    options: Sequence[Option]
    wide: Sequence[Wide]


@dataclass(frozen=True)
class Goal:
    """Keep the fullest of these rows low; it cannot be below ``least`` where all goals before are at their least."""

    name: str
    rows: NDArray[np.int64]
    least: int


@dataclass(frozen=True, eq=False)
class Packing:
    """Groups of equal parties, rows with room, goals in their order.

    Columns made from the groups: option o takes ``amount[first_entry[o]:first_entry[o + 1]]`` of the rows ``row[…]``;
    group g has options ``first_option[g]`` to ``first_option[g + 1]``; row i of a choice is the party ``party[i]`` of
    group ``group_of[i]``. All columns are int64.
    """

    room: NDArray[np.int64]
    goals: Sequence[Goal]
    groups: Sequence[Group]
    options: Sequence[Option]
    first_option: NDArray[np.int64]
    first_entry: NDArray[np.int64]
    row: NDArray[np.int64]
    amount: NDArray[np.int64]
    party: NDArray[np.int64]
    group_of: NDArray[np.int64]

    @property
    def nobody(self) -> NDArray[np.int64]:
        """The last option of each party's group, which is not to be placed: always feasible, int64 (p,)."""
        return self.first_option[self.group_of + 1] - 1

    def load(self, choice: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum what the chosen options take of each row, int64 (r,)."""
        counts = np.bincount(choice, minlength=len(self.options))
        weights = np.repeat(counts, np.diff(self.first_entry)) * self.amount
        # sums of a few thousand small integers are exact as floats
        return np.bincount(self.row, weights=weights, minlength=self.room.size).astype(np.int64)

    def values(self, choice: NDArray[np.int64]) -> list[int]:
        """Value of each goal."""
        load = self.load(choice)
        return [int(load[goal.rows].max(initial=0)) for goal in self.goals]


def packing(room: NDArray[np.int64], goals: Sequence[Goal], groups: Sequence[Group]) -> Packing:
    """Lay the options of all groups in columns; equal parties take equal options in the order of their rows."""
    options = [option for group in groups for option in group.options]
    party = [(row, number) for number, group in enumerate(groups) for row in group.parties]
    return Packing(
        room=room,
        goals=goals,
        groups=groups,
        options=options,
        first_option=columns.starts([len(group.options) for group in groups]),
        first_entry=columns.starts([len(option.taken) for option in options]),
        row=np.array([row for option in options for row in option.taken], np.int64),
        amount=np.array([amount for option in options for amount in option.taken.values()], np.int64),
        party=np.array([row for row, _ in party], np.int64),
        group_of=np.array([number for _, number in party], np.int64),
    )
