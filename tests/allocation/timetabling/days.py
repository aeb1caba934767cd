"""Small random office-days, slow independent answers to them, and the rules that every timetable keeps."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from hypothesis import strategies as st

from allocation.timetabling import OfficeDay

Place = tuple[int, int]
"""Start, counter."""


def day(opening: list[str], people: list[tuple[int, int]], **extra: list[int]) -> OfficeDay:
    """Make a day from rows such as "11.1" (a counter with a break) and (party, units) of each person."""
    return OfficeDay(
        open=np.array([[unit != "." for unit in row] for row in opening]).reshape(len(opening), -1),
        person_party=np.array([party for party, _ in people], np.int64),
        person_units=np.array([units for _, units in people], np.int64),
        **{name: np.array(values, np.int64) for name, values in extra.items()},
    )


@st.composite
def days(
    draw: st.DrawFn, *, counters: int = 3, units: int = 5, parties: int = 3, largest: int = 2, longest: int = 2
) -> OfficeDay:
    """Any day up to these sizes, with breaks, features, windows and wishes."""
    c, u, p = draw(st.integers(1, counters)), draw(st.integers(2, units)), draw(st.integers(1, parties))
    sizes = [draw(st.integers(1, largest)) for _ in range(p)]
    lists = lambda elements, k: draw(st.lists(elements, min_size=k, max_size=k))  # noqa: E731
    windows = [sorted(draw(st.sets(st.integers(0, u), min_size=2, max_size=2))) for _ in range(2 * p)]
    windows = [window if draw(st.integers(0, 3)) == 0 else [0, u] for window in windows]
    features = st.sampled_from([0, 0, 0, 1, 2, 3])
    n = sum(sizes)
    return OfficeDay(
        open=np.array(lists(st.integers(0, 4), c * u)).reshape(c, u) > 0,
        counter_offers=np.array(lists(st.sampled_from([3, 2, 1, 0]), c)),
        person_party=np.repeat(np.arange(p), sizes),
        person_units=np.array(lists(st.integers(1, min(longest, u)), n)),
        person_needs=np.array(lists(features, n)),
        party_from=np.array([window[0] for window in windows[:p]]),
        party_until=np.array([window[1] for window in windows[:p]]),
        wish_from=np.array([window[0] for window in windows[p:]]),
        wish_until=np.array([window[1] for window in windows[p:]]),
    )


def visits(given: OfficeDay, people: Sequence[int], free: np.ndarray, covered: set[int]) -> Iterator[list[Place]]:
    """All places of these people together, touching each other and the units that are covered already."""
    options = [
        [
            (start, counter)
            for start in range(given.units - int(given.person_units[person]) + 1)
            for counter in range(given.counters)
            if free[counter, start : start + given.person_units[person]].all()
            and not given.person_needs[person] & ~given.counter_offers[counter]
        ]
        for person in people
    ]
    for places in itertools.product(*options):
        taken = [
            (unit, counter)
            for person, (start, counter) in zip(people, places, strict=True)
            for unit in range(start, start + int(given.person_units[person]))
        ]
        served = covered | {unit for unit, _ in taken}
        if len(set(taken)) == len(taken) and max(served) - min(served) + 1 == len(served):
            yield list(places)


def occupied(given: OfficeDay, free: np.ndarray, people: Sequence[int], places: Sequence[Place]) -> np.ndarray:
    """What is left of the open units."""
    left = free.copy()
    for person, (start, counter) in zip(people, places, strict=True):
        left[counter, start : start + given.person_units[person]] = False
    return left


def span(given: OfficeDay, people: Sequence[int], places: Sequence[Place]) -> tuple[int, int]:
    """First unit of a visit, and the one after its last."""
    ends = [start + int(given.person_units[person]) for person, (start, _) in zip(people, places, strict=True)]
    return min(start for start, _ in places), max(ends)


def best_goals(given: OfficeDay) -> tuple[int, ...]:
    """Unplaced people, people outside their wish, extra units, largest arrival: the best of all timetables."""
    windows = zip(given.party_from, given.party_until, given.wish_from, given.wish_until, strict=True)
    whole: list[list[tuple[list[Place], int, int, bool]]] = []
    for people, (first, last, wished, until) in zip(given.members, windows, strict=True):
        options = []
        for places in visits(given, people, given.open, set()):
            begin, end = span(given, people, places)
            if first <= begin and end <= last:
                options.append((places, begin, end - begin, not (wished <= begin and end <= until)))
        whole.append(options)
    shortest = [min((length for _, _, length, _ in options), default=0) for options in whole]
    best = (given.people + 1, 0, 0, 0)

    def extend(party: int, free: np.ndarray, goals: tuple[int, int, int], arrivals: tuple[int, ...]) -> None:
        nonlocal best
        if party == given.parties:
            best = min(best, (*goals, max(arrivals)))
            return
        people, (unplaced, outside, extra) = given.members[party], goals
        extend(party + 1, free, (unplaced + len(people), outside, extra), arrivals)
        seen = set()
        for places, begin, length, missed in whole[party]:
            left = occupied(given, free, people, places)
            if left.sum() == free.sum() - given.person_units[people].sum():
                key = (begin, length, left.tobytes())
                if key in seen:
                    continue
                seen.add(key)
                more = (unplaced, outside + len(people) * missed, extra + length - shortest[party])
                come = tuple(n + len(people) * (unit == begin) for unit, n in enumerate(arrivals))
                extend(party + 1, left, more, come)

    extend(0, given.open, (0, 0, 0), (0,) * given.units)
    return best


Change = tuple[list[int], list[Place], int, int]
"""People, their new places (none: not kept), how many move, by how many units."""


def changes(given: OfficeDay, party: int, start: np.ndarray, free: np.ndarray, now: int) -> list[Change]:
    """Everything that can become of those of a party who have not begun."""
    people = given.members[party]
    coming = [person for person in people if start[person] >= now]
    there = [person for person in people if 0 <= start[person] < now]
    ends = {unit for person in there for unit in range(now, start[person] + given.person_units[person])}
    options: list[Change] = [(coming, [], 0, 0)]
    for places in visits(given, coming, free, ends) if coming else ():
        begin, end = span(given, coming, places)
        follows = ends or begin == now or not there
        if max(now, given.party_from[party]) <= begin and end <= given.party_until[party] and follows:
            shifts = [abs(place[0] - int(start[person])) for person, place in zip(coming, places, strict=True)]
            options.append((coming, places, sum(shift > 0 for shift in shifts), sum(shifts)))
    return options


def fewest_changes(
    given: OfficeDay, start: np.ndarray, counter: np.ndarray, opening: np.ndarray, now: int
) -> tuple[int, int, int]:
    """People not kept, people moved, units moved: the least of all repairs."""
    free = opening.copy()
    free[:, :now] = False
    begun = [person for person in range(given.people) if 0 <= start[person] < now]
    free = occupied(given, free, begun, [(int(start[person]), int(counter[person])) for person in begun])
    whole = [changes(given, party, start, free, now) for party in range(given.parties)]
    best = (given.people + 1, 0, 0)

    def extend(party: int, left: np.ndarray, goals: tuple[int, int, int]) -> None:
        nonlocal best
        if party == given.parties or goals >= best:
            best = min(best, goals) if party == given.parties else best
            return
        for people, places, moved, units in whole[party]:
            if not places:
                extend(party + 1, left, (goals[0] + len(people), *goals[1:]))
                continue
            after = occupied(given, left, people, places)
            if after.sum() == left.sum() - given.person_units[people].sum():
                extend(party + 1, after, (goals[0], goals[1] + moved, goals[2] + units))

    extend(0, free, (0, 0, 0))
    return best


def check_rules(given: OfficeDay, start: np.ndarray, counter: np.ndarray) -> None:
    """Nobody is at a closed or unsuitable counter, no counter serves two, no visit has a gap or leaves its window."""
    busy = np.zeros(given.open.shape, np.int64)
    for person in np.flatnonzero(start >= 0).tolist():
        visit = slice(start[person], start[person] + given.person_units[person])
        assert visit.stop <= given.units
        busy[counter[person], visit] += 1
        assert not given.person_needs[person] & ~given.counter_offers[counter[person]]
    assert (busy <= given.open).all()
    assert ((start < 0) == (counter < 0)).all()
    for party, people in enumerate(given.members):
        there = start[people]
        if (there < 0).any():
            assert (there < 0).all()
            continue
        served = {
            unit for person in people for unit in range(start[person], start[person] + given.person_units[person])
        }
        assert max(served) - min(served) + 1 == len(served)
        assert given.party_from[party] <= min(served)
        assert max(served) < given.party_until[party]
