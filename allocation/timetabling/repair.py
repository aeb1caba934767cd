"""A published timetable and other opening hours: the nearest timetable that holds, and those it cannot keep."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allocation import columns
from allocation.timetabling.day import OfficeDay, opening
from allocation.timetabling.goals import optimise
from allocation.timetabling.pack_repair import question
from allocation.timetabling.people import Proof, Reached, proof, reached, starts

WORK = 10.0


@dataclass(frozen=True, eq=False)
class Repair:
    """The new timetable and what is different.

    ``person_start``, ``person_counter``: int64 (n,); -1 for those who are not kept, or had no place before.
    ``moved``: people, by row, who come at another time; ``elsewhere``: people who come at the same time to another
    counter; ``lost``: parties, by row, that cannot be kept: all of them, or those of them who have not begun.
    ``goals``: what was reached of each, in their order, and the proven bound.
    """

    person_start: NDArray[np.int64]
    person_counter: NDArray[np.int64]
    moved: NDArray[np.int64]
    elsewhere: NDArray[np.int64]
    lost: NDArray[np.int64]
    goals: Sequence[Reached]

    @property
    def status(self) -> Proof:
        """OPTIMAL where no goal can be better without harm to one before it, else FEASIBLE."""
        return proof(self.goals)


def repair_day(
    day: OfficeDay,
    person_start: ArrayLike,
    person_counter: ArrayLike,
    *,
    open: ArrayLike,  # noqa: A002 - the name of the column
    now: int = 0,
    work: float = WORK,
) -> Repair:
    """Keep everybody on their day if possible, move the fewest people, and those by the least time.

    Whoever began before ``now`` is served to the end at their counter, also where it closes. Of a party that has begun,
    the others follow without a gap or are not kept. Nobody comes before ``now``. Among the people who come at their
    time, as few as possible change counters.

    Parameters
    ----------
    day
        The people, and the counters as they were open when the timetable was published.
    person_start, person_counter
        int (n,), the published timetable; both -1 for people without a place.
    open
        bool (c, u), when the counters are open now.
    now
        The first unit that has not begun.
    work
        Limit on the deterministic time of CP-SAT; a unit takes a second or three.

    Raises
    ------
    ValueError
        The published timetable breaks a rule of the day, in words; or ``open``, ``now`` or ``work`` is out of range.
    """
    start = columns.integers("person_start", person_start, np.int64, length=day.people)
    counter = columns.integers("person_counter", person_counter, np.int64, length=day.people)
    new = opening("open", open)
    _check(day, start, counter)
    if new.shape != day.open.shape:
        raise ValueError(f"open: found {new.shape[0]} x {new.shape[1]}, expected {day.counters} x {day.units}")
    if not 0 <= now <= day.units:
        raise ValueError(f"now: {now}, expected 0 to {day.units}")
    if not work > 0:
        raise ValueError(f"work: {work}, expected more than 0")
    begun = (start >= 0) & (start < now)
    new[:, :now] = False
    for person in np.flatnonzero(begun).tolist():
        new[counter[person], start[person] : start[person] + day.person_units[person]] = False
    members = [[person for person in people if start[person] >= now] for people in day.members]
    solved = optimise(question(day, members, start, counter, new, now), work=work)
    when = np.where(begun, start, starts(solved.packed, solved.choice, members, day.kinds, start))
    where = np.where(begun, counter, solved.seats)
    return Repair(
        person_start=when,
        person_counter=where,
        moved=np.flatnonzero((when >= 0) & (when != start)),
        elsewhere=np.flatnonzero((when >= 0) & (when == start) & (where != counter)),
        lost=np.unique(day.person_party[(start >= 0) & (when < 0)]).astype(np.int64),
        goals=reached(solved.packed, solved.values, solved.bounds),
    )


def _check(day: OfficeDay, start: NDArray[np.int64], counter: NDArray[np.int64]) -> None:
    """Refuse a published timetable that could never have been kept."""
    columns.within("person_start", start, -1, day.units - 1)
    columns.within("person_counter", counter, -1, day.counters - 1)
    halves = np.flatnonzero((start < 0) != (counter < 0))
    if halves.size:
        raise ValueError(f"person_counter: row {int(halves[0])} has a start without a counter, or the reverse")
    free = day.open.copy()
    for person in np.flatnonzero(start >= 0).tolist():
        units = range(start[person], start[person] + day.person_units[person])
        place = f"counter {counter[person]} from unit {start[person]} on"
        if day.person_needs[person] & ~day.counter_offers[counter[person]]:
            raise ValueError(f"person_counter: row {person} is at {place}, which does not offer what they need")
        if units.stop > day.units or not free[counter[person], list(units)].all():
            raise ValueError(f"person_start: row {person} is at {place}, which is closed or serves another")
        free[counter[person], list(units)] = False
