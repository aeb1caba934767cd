"""Everything that can be done with a party on its day: each start with each shape of its visit."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from allocation.timetabling.packing import Option
from allocation.timetabling.rooms import Rooms
from allocation.timetabling.visits import Group, Kind, Shape, shapes


@dataclass(frozen=True)
class Visit:
    """A start, a shape, how many units it lasts, and what it takes of the counters' rows."""

    start: int
    shape: Shape
    length: int
    taken: Mapping[int, int]

    def option(self, goals: Mapping[int, int]) -> Option:
        """Add what it takes of the goals' rows."""
        return Option(self.start, self.shape, {**self.taken, **{row: n for row, n in goals.items() if n}})


@dataclass(frozen=True)
class Visits:
    """The visits of a party alone in the office; ``shortest`` and ``longest`` that is described; or described all."""

    visits: Sequence[Visit]
    shortest: int
    longest: int
    all: bool


def visits(
    rooms: Rooms,
    groups: tuple[Group, ...],
    starts: Iterable[int],
    until: int,
    *,
    level: int | None,
    limit: int,
    covered: int = 0,
    longest: int = 0,
) -> Visits:
    """Describe the visits up to ``level`` units longer than the shortest possible one (None: all).

    Parameters
    ----------
    starts, until
        Units at which the visit may start, and the unit by which it must have ended.
    limit
        Describe so many shapes at most, beyond the shortest: rather only shorter ones.
    covered
        Units for which others of the party, who have begun, are being served.
    longest
        Describe visits up to this length at least.
    """
    first = list(starts)
    whole = covered + sum(length * people for (length, _), people in groups)
    shortest = max(length for (length, _), _ in groups)
    found: list[Visit] = []
    while shortest <= whole:
        found = _placed(rooms, shapes(groups, shortest, limit=1 << 30, covered=covered) or [], first, until)
        if any(rooms.seat(visit.start, visit.shape) for visit in found):
            break
        shortest, found = shortest + 1, []
    wanted = whole if level is None else min(max(shortest + level, longest), whole)
    while wanted > shortest:
        more = shapes(groups, wanted, limit=limit, covered=covered)
        if more is not None:
            return Visits(_placed(rooms, more, first, until), shortest, wanted, wanted == whole)
        wanted -= 1
    return Visits(found, shortest, min(shortest, whole), shortest >= whole)


def groups_of(kinds: Iterable[Kind]) -> tuple[Group, ...]:
    """Count the people of each kind."""
    return tuple(sorted(Counter(kinds).items()))


def one_by_one(
    rooms: Rooms,
    groups: tuple[Group, ...],
    starts: range,
    until: int,
    goals: Callable[[Kind, int], dict[int, int]] = lambda _kind, _start: {},
) -> list[tuple[int, list[dict[int, int]]]] | None:
    """Let each person of a party come alone: how many, and what each takes at each start; None where one cannot.

    ``goals``: what a person of a kind who starts in a unit takes of the goals' rows.
    """
    kinds = []
    for kind, people in groups:
        rows = {start: rooms.rows[kind][start] for start in starts if start + kind[0] <= until}
        possible = [
            dict.fromkeys(taken, 1) | goals(kind, start) for start, taken in rows.items() if all(rooms.room[taken])
        ]
        if not possible:
            return None
        kinds.append((people, possible))
    return kinds


def _placed(rooms: Rooms, found: list[tuple[int, Shape]], starts: list[int], until: int) -> list[Visit]:
    placed = []
    for length, shape in found:
        for start in starts:
            if start + length <= until:
                taken = rooms.entries(start, shape)
                if rooms.allow(taken):
                    placed.append(Visit(start, shape, length, taken))
    return placed
