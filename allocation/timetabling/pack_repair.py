"""A repair as a packing: stay, come at another time, or not be kept."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.timetabling.day import OfficeDay
from allocation.timetabling.exact import Exact
from allocation.timetabling.goals import Question
from allocation.timetabling.options import groups_of, one_by_one, visits
from allocation.timetabling.packing import FREE, Goal, Group, Option, Packing, Wide, packing
from allocation.timetabling.people import starts
from allocation.timetabling.rooms import Rooms, rooms
from allocation.timetabling.seats import seats
from allocation.timetabling.visits import Kind, Shape

_SHAPES = 2000
"""A family of six with two durations has a thousand."""

Before = tuple[tuple[Kind, int], ...]
"""Kind and start of each of a party's people who have not begun, sorted."""


@dataclass(frozen=True)
class _Party:
    """What makes parties equal: their people, when they were to come, when they may."""

    before: Before
    begins: int
    until: int
    covered: int | None
    """Units for which those who have begun are still being served; None where nobody has."""


def question(
    day: OfficeDay,
    members: Sequence[Sequence[int]],
    start: NDArray[np.int64],
    counter: NDArray[np.int64],
    open_units: NDArray[np.bool_],
    now: int,
) -> Question:
    """Ask for the nearest timetable of those members of each party who have not begun by ``now``.

    ``open_units``: bool (c, u), what is open to them.
    """
    kinds = sorted({day.kinds[person] for people in members for person in people})
    there = rooms(open_units, day.counter_offers, kinds)
    alike: dict[_Party, list[int]] = defaultdict(list)
    for party, people in enumerate(members):
        if people:
            alike[_party(day, party, people, start, now)].append(party)

    def make(level: int | None) -> tuple[Packing, NDArray[np.int64]]:
        packer = _Packer(there, level)
        groups = [packer.group(party, rows) for party, rows in alike.items()]
        packed = packing(packer.room(), packer.goals(), groups)
        return packed, packed.first_option[packed.group_of]

    def seat(packed: Packing, choice: NDArray[np.int64], *, quick: bool = False) -> NDArray[np.int64] | None:
        when = starts(packed, choice, members, day.kinds, start)
        had = np.where(when == start, counter, -1)
        return seats(open_units, day.counter_offers, when, day.person_units, day.person_needs, before=had, quick=quick)

    return Question(make, seat, lambda packed: Exact(packed, open_units, day.counter_offers), levels=(None,))


def _party(day: OfficeDay, party: int, people: Sequence[int], start: NDArray[np.int64], now: int) -> _Party:
    before = tuple(sorted((day.kinds[person], int(start[person])) for person in people))
    begun = [int(start[person]) + day.kinds[person][0] for person in day.members[party] if 0 <= start[person] < now]
    covered = max(0, max(begun) - now) if begun else None
    begins = max(int(day.party_from[party]), now)
    return _Party(before, begins, int(day.party_until[party]), covered)


class _Packer:
    """Numbers the rows: those of the counters, then three goals."""

    def __init__(self, there: Rooms, level: int | None) -> None:
        self._there, self._level = there, level
        self._lost, self._moved, self._time = range(there.room.size, there.room.size + 3)

    def room(self) -> NDArray[np.int64]:
        return np.append(self._there.room, np.full(3, FREE))

    def goals(self) -> list[Goal]:
        return [
            Goal("people not kept", np.array([self._lost]), 0),
            Goal("people moved", np.array([self._moved]), 0),
            Goal("units moved", np.array([self._time]), 0),
        ]

    def group(self, party: _Party, rows: Sequence[int]) -> Group:
        """Offer a party to stay (first, where it can), to come at any other time, and not to be kept (last)."""
        kinds = groups_of(kind for kind, _ in party.before)
        as_before = _shape(party.before)
        length = max(start + kind[0] for kind, start in party.before) - as_before[0]
        begun = party.covered is not None
        found = visits(
            self._there,
            kinds,
            [party.begins] if begun else range(party.begins, party.until),
            party.until,
            level=self._level,
            limit=_SHAPES,
            covered=party.covered or 0,
            longest=length,
        )
        options = []
        taken = self._there.entries(*as_before)
        if self._there.allow(taken):
            options.append(Option(*as_before, taken))
        for visit in found.visits:
            people, units = _change(party.before, visit.start, visit.shape)
            if people:
                options.append(visit.option({self._moved: people, self._time: units}))
        options.append(Option(-1, (), {self._lost: len(party.before)}))
        if found.all:
            return Group(rows, options, [])

        def goals(kind: Kind, start: int) -> dict[int, int]:
            units = min(abs(start - old) for other, old in party.before if other == kind)
            return {self._moved: 1, self._time: units} if units else {}

        alone = one_by_one(self._there, kinds, range(party.begins, party.until), party.until, goals)
        return Group(
            rows, options, [] if alone is None else [Wide({}, 0, (), alone, least={self._moved: 1, self._time: 1})]
        )


def _shape(before: Before) -> tuple[int, Shape]:
    """First start, and the shape of a visit as it was."""
    first = min(start for _, start in before)
    counts = Counter((start - first, kind) for kind, start in before)
    return first, tuple((after, kind, people) for (after, kind), people in sorted(counts.items()))


def _change(before: Before, start: int, shape: Shape) -> tuple[int, int]:
    """Fewest people who get another start, and fewest units by which they move in total.

    People of one kind are interchangeable. Who can keep a start keeps it; sorted starts matched in order move least
    in total, and do so too without the starts that both have.
    """
    people = units = 0
    was: dict[Kind, list[int]] = defaultdict(list)
    comes: dict[Kind, list[int]] = defaultdict(list)
    for kind, unit in before:
        was[kind].append(unit)
    for after, kind, count in shape:
        comes[kind].extend([start + after] * count)
    for kind, old in was.items():
        people += len(old) - (Counter(old) & Counter(comes[kind])).total()
        units += sum(abs(a - b) for a, b in zip(sorted(old), sorted(comes[kind]), strict=True))
    return people, units
