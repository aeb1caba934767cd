"""The timetable of one office-day: when each party comes, which counter serves each person, or why not all can come."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.timetabling.conflict import Conflict, conflict
from allocation.timetabling.day import OfficeDay
from allocation.timetabling.goals import optimise
from allocation.timetabling.pack_day import question
from allocation.timetabling.people import Proof, Reached, party_starts, proof, reached, starts

WORK = 4.0


@dataclass(frozen=True, eq=False)
class Timetable:
    """When and where everyone is served.

    ``party_start``: int64 (p,), first unit of each visit; ``person_start``, ``person_counter``: int64 (n,); all -1 for
    a party that is not placed. ``goals``: what was reached of each, in their order, and the proven bound. ``conflict``
    says why not everyone is placed; None where everyone is, or where nobody knows.
    """

    party_start: NDArray[np.int64]
    person_start: NDArray[np.int64]
    person_counter: NDArray[np.int64]
    goals: Sequence[Reached]
    conflict: Conflict | None

    @property
    def status(self) -> Proof:
        """OPTIMAL where no goal can be better without harm to one before it, else FEASIBLE."""
        return proof(self.goals)

    @property
    def unplaced(self) -> NDArray[np.int64]:
        """The parties that are not placed, by row."""
        return np.flatnonzero(self.party_start < 0)


def solve_day(day: OfficeDay, *, work: float = WORK) -> Timetable:
    """Give every party a start and every person a start and a counter.

    Goals, in this order: everyone placed (people); wishes kept (people); visits as short as possible (units beyond the
    shortest that each party could have alone); the most people that arrive in one unit as few as possible.
    Among equal parties the one with the lower row comes first.

    Parameters
    ----------
    day
        The counters and the people.
    work
        Limit on the deterministic time of CP-SAT, which is asked only where search and bound do not meet;
        a unit takes a second or three.

    Raises
    ------
    ValueError
        ``work`` is not positive.
    """
    if not work > 0:
        raise ValueError(f"work: {work}, expected more than 0")
    solved = optimise(question(day, range(day.parties)), work=work)
    when = starts(solved.packed, solved.choice, day.members, day.kinds, np.full(day.people, -1))
    goals = reached(solved.packed, solved.values, solved.bounds)
    return Timetable(
        party_start=party_starts(day, when),
        person_start=when,
        person_counter=solved.seats,
        goals=goals,
        conflict=conflict(day, proven=goals[0].bound > 0, work=work) if goals[0].value else None,
    )
