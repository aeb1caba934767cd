"""From options back to people: when each is served, and what was reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from allocation.timetabling.day import OfficeDay
from allocation.timetabling.packing import Packing
from allocation.timetabling.visits import Kind


class Proof(StrEnum):
    """How much is known about a timetable."""

    OPTIMAL = "optimal"
    """No goal can be better without harm to one before it."""
    FEASIBLE = "feasible"
    """It keeps every rule; how much better it could be, the bounds of its goals say."""


@dataclass(frozen=True)
class Reached:
    """The value of one goal, and the proven bound that no timetable is below, as good as this in the goals before."""

    name: str
    value: int
    bound: int


def reached(packed: Packing, values: Sequence[int], bounds: Sequence[int]) -> tuple[Reached, ...]:
    """Return what was reached of each goal, in their order."""
    return tuple(Reached(goal.name, *pair) for goal, *pair in zip(packed.goals, values, bounds, strict=True))


def proof(goals: Sequence[Reached]) -> Proof:
    """Return OPTIMAL if every goal has met its bound, else FEASIBLE."""
    return Proof.OPTIMAL if all(goal.value == goal.bound for goal in goals) else Proof.FEASIBLE


def starts(
    packed: Packing,
    choice: NDArray[np.int64],
    members: Sequence[Sequence[int]],
    kinds: Sequence[Kind],
    before: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return each person of a placed party a start, int64 (n,); -1 to all others.

    Of equal parties the one with the lower row comes first. People of one kind share the starts of their kind: who can
    keep the start in ``before`` does, the rest follow in order, which is the least change in total.
    """
    start = np.full(before.size, -1, np.int64)
    comes = np.array([option.start for option in packed.options], np.int64)[choice]
    in_line = choice[np.lexsort((choice, np.where(comes < 0, np.iinfo(np.int64).max, comes), packed.group_of))]
    for party, number in zip(packed.party.tolist(), in_line.tolist(), strict=True):
        option = packed.options[number]
        free: dict[Kind, list[int]] = {}
        for after, kind, people in option.shape:
            free.setdefault(kind, []).extend([option.start + after] * people)
        if not free:
            continue
        waiting = []
        for person in members[party]:
            if before[person] in free[kinds[person]]:
                start[person] = before[person]
                free[kinds[person]].remove(int(before[person]))
            else:
                waiting.append(person)
        for person in sorted(waiting, key=lambda person: (before[person], person)):
            start[person] = free[kinds[person]].pop(0)
    return start


def party_starts(day: OfficeDay, person_start: NDArray[np.int64]) -> NDArray[np.int64]:
    """First unit of each party, int64 (p,); -1 where it is not placed."""
    first = np.full(day.parties, np.iinfo(np.int64).max)
    np.minimum.at(first, day.person_party, person_start)
    return first
