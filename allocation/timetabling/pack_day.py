"""An office-day as a packing: equal parties together, each start and shape of a visit an option."""

from collections import defaultdict
from collections.abc import Sequence

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
from allocation.timetabling.visits import Group as Alike

_SHAPES = 300
"""A family of six with two durations has a thousand; the longest ones are hardly ever of use."""

Windows = tuple[int, int, int, int]
"""First and last unit that is possible, first and last that is wished."""


def question(day: OfficeDay, parties: Sequence[int]) -> Question:
    """Ask for the timetable of some parties of a day."""
    there = rooms(day.open, day.counter_offers, sorted(set(day.kinds)))

    def make(level: int | None) -> tuple[Packing, NDArray[np.int64]]:
        packed = _packed(day, there, parties, level)
        width = np.diff(packed.first_option)[packed.group_of]
        anywhere = np.random.default_rng(0).integers(
            packed.first_option[packed.group_of], packed.first_option[packed.group_of] + width
        )
        return packed, anywhere

    def seat(packed: Packing, choice: NDArray[np.int64], *, quick: bool = False) -> NDArray[np.int64] | None:
        start = starts(packed, choice, day.members, day.kinds, np.full(day.people, -1))
        return seats(day.open, day.counter_offers, start, day.person_units, day.person_needs, quick=quick)

    return Question(make, seat, lambda packed: Exact(packed, day.open, day.counter_offers))


def _packed(day: OfficeDay, there: Rooms, parties: Sequence[int], level: int | None) -> Packing:
    alike: dict[tuple[tuple[Alike, ...], Windows], list[int]] = defaultdict(list)
    columns = (day.party_from, day.party_until, day.wish_from, day.wish_until)
    windows = list(zip(*(column.tolist() for column in columns), strict=True))
    for party in parties:
        alike[groups_of(day.kinds[person] for person in day.members[party]), windows[party]].append(party)
    packer = _Packer(there, day.units, level)
    groups = [packer.group(kinds, window, rows) for (kinds, window), rows in alike.items()]
    people = sum(len(day.members[party]) for party in parties)
    return packing(packer.room(), packer.goals(people, groups), groups)


class _Packer:
    """Numbers the rows: those of the counters, then three goals, then arrivals in each unit."""

    def __init__(self, there: Rooms, units: int, level: int | None) -> None:
        self._there, self._units, self._level = there, units, level
        self._unplaced, self._outside, self._longer = range(there.room.size, there.room.size + 3)
        self._arrivals = there.room.size + 3

    def room(self) -> NDArray[np.int64]:
        return np.append(self._there.room, np.full(3 + self._units, FREE))

    def goals(self, people: int, groups: Sequence[Group]) -> list[Goal]:
        begins = {option.start for group in groups for option in group.options} - {-1}
        return [
            Goal("people not placed", np.array([self._unplaced]), 0),
            Goal("people outside their wish", np.array([self._outside]), 0),
            Goal("units beyond the shortest visits", np.array([self._longer]), 0),
            Goal(
                "most people who arrive in one unit",
                np.arange(self._arrivals, self._arrivals + self._units),
                -(-people // max(len(begins), 1)),
            ),
        ]

    def group(self, kinds: tuple[Alike, ...], windows: Windows, parties: Sequence[int]) -> Group:
        begins, until, wish_begins, wish_until = windows
        people = sum(count for _, count in kinds)
        found = visits(self._there, kinds, range(begins, until), until, level=self._level, limit=_SHAPES)
        options = []
        for visit in found.visits:
            outside = visit.start < wish_begins or visit.start + visit.length > wish_until
            options.append(
                visit.option(
                    {
                        self._outside: people * outside,
                        self._longer: visit.length - found.shortest,
                        self._arrivals + visit.start: people,
                    }
                )
            )
        options.append(Option(-1, (), {self._unplaced: people}))
        longer = {self._longer: found.longest + 1 - found.shortest}
        kept = max(begins, wish_begins), min(until, wish_until)
        wide = [self._wide(kinds, *kept, longer), self._wide(kinds, begins, until, longer | {self._outside: people})]
        return Group(parties, options, [] if found.all else [some for some in wide if some])

    def _wide(self, kinds: tuple[Alike, ...], begins: int, until: int, taken: dict[int, int]) -> Wide | None:
        alone = one_by_one(self._there, kinds, range(begins, until), until)
        arrivals = range(self._arrivals + begins, self._arrivals + until)
        return None if alone is None else Wide(taken, sum(people for _, people in kinds), arrivals, alone)
