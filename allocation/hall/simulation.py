"""An invented day in a hall, played by the rule that calls: what was foretold to each against what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from allocation.hall.service_times import Kind, Measured, Minutes, Time, Whole, learn, pace, time_of
from allocation.hall.waiting import Counters, Flags, Queue, Waits, expect

NOMINAL: Final = {0: 10.0, 1: 15.0, 2: 25.0}
"""Minutes of one person by service, as the catalogue of the invented office states them."""
_REALLY: Final = {0: 9.0, 1: 13.0, 2: 27.0}
_SERVICES: Final = (0.5, 0.35, 0.15)
_SPREAD: Final = 0.42
_SIZES: Final = (0.7, 0.2, 0.1)
_SECOND_PERSON: Final = 0.7
_MISSED: Final = 0.14
_FIRST: Final = 0.08
_OFFICE: Final = 0
_LATE: Final = 15.0


@dataclass(frozen=True, eq=False)
class InventedDay:
    """A day of parties, one a row; minutes after opening.

    ``kind`` are service and people; ``arrives`` is infinite for those who stay away. ``speed`` multiplies the times at
    each counter; ``breaks`` are (from, until) by counter.
    """

    due: Minutes
    arrives: Minutes
    takes: Minutes
    kind: list[tuple[int, int]]
    booked: Flags
    priority: Flags
    speed: Minutes
    breaks: list[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Played:
    """What was foretold and what came (``real``), in minutes, a row for each party in the hall whenever it is asked.

    ``plain`` counts those ahead by the stated minutes; ``longest`` is the longest wait beyond the time that was due.
    """

    low: Minutes
    middle: Minutes
    high: Minutes
    plain: Minutes
    real: Minutes
    served: int
    longest: float


def invent(seed: int, *, counters: int = 8, hours: float = 7.0, load: float = 0.95) -> InventedDay:
    """Draw a day whose parties ask for a share ``load`` of what the counters can do; a third have no appointment."""
    rng = np.random.default_rng(seed)
    mean = float(np.dot(_SERVICES, list(_REALLY.values()))) * float(
        np.dot(_SIZES, [1 + _SECOND_PERSON * extra for extra in range(3)])
    )
    parties = int(load * counters * hours * 60 / mean)
    service = rng.choice(3, size=parties, p=_SERVICES)
    people = rng.choice(3, size=parties, p=_SIZES) + 1
    booked = rng.random(parties) < 2 / 3
    slot = np.sort(rng.integers(0, int(hours * 2), size=parties)) * 30.0
    early = rng.gamma(2.0, 8.0, size=parties)
    arrives = np.where(booked, np.maximum(slot - early + 4.0, 0.0), slot + rng.random(parties) * 30)
    takes = np.array([_REALLY[one] for one in service.tolist()]) * (1 + _SECOND_PERSON * (people - 1))
    takes *= np.exp(_SPREAD * rng.standard_normal(parties) - _SPREAD**2 / 2)
    due = np.where(booked, np.where(arrives > slot + 15, arrives, slot), arrives)
    missed = booked & (rng.random(parties) < _MISSED / (2 / 3))
    return InventedDay(
        due=due,
        arrives=np.where(missed, np.inf, arrives),
        takes=takes,
        kind=list(zip(service.tolist(), people.tolist(), strict=True)),
        booked=booked,
        priority=rng.random(parties) < _FIRST,
        speed=rng.uniform(0.85, 1.18, size=counters),
        breaks=[(float(start), float(start) + 20.0) for start in rng.uniform(120, 240, size=counters)],
    )


def measure(days: list[InventedDay]) -> dict[Kind, Time]:
    """Return the service times that an office measured on such days, as `learn` does."""
    rows = [
        (*kind, float(takes * day.speed[row % len(day.speed)]))
        for day in days
        for row, (kind, takes, arrives) in enumerate(zip(day.kind, day.takes, day.arrives, strict=True))
        if np.isfinite(arrives)
    ]
    service, people, minutes = (np.array(column) for column in zip(*rows, strict=True))
    return learn(Measured(np.full(len(rows), _OFFICE), service, people, minutes), NOMINAL)


def play(day: InventedDay, times: Mapping[Kind, Time], *, every: float = 10.0) -> Played:
    """Play a day by the rule, and ask every so many minutes how long each in the hall still waits.

    What is foretold knows who is there, who is booked, what was measured on earlier days and at each counter today, and
    when breaks are planned; not how long anybody will take, who will walk in, or who stays away.
    """
    counters = len(day.speed)
    free, counter_of, started = np.zeros(counters), np.full(len(day.due), -1), np.full(len(day.due), np.inf)
    rested = np.zeros(counters, np.bool_)
    asked: list[tuple[float, Whole, Waits, Minutes]] = []
    moment = every
    while True:
        counter = int(free.argmin())
        waiting = np.isinf(started) & np.isfinite(day.arrives)
        if not waiting.any():
            break
        now = max(float(free[counter]), float(day.arrives[waiting].min()))
        while moment <= now:
            _ask(day, times, moment, started, counter_of, free, asked)
            moment += every
        begins, ends = day.breaks[counter]
        if not rested[counter] and now >= begins:
            rested[counter], free[counter] = True, now + ends - begins
            continue
        chosen = _next(day, np.flatnonzero(waiting & (day.arrives <= now)), now)
        started[chosen], counter_of[chosen] = now, counter
        free[counter] = now + day.takes[chosen] * day.speed[counter]
    columns = [
        (waits.low, waits.middle, waits.high, plain, started[rows] - at)
        for at, rows, waits, plain in asked
        if len(rows)
    ]
    low, middle, high, plain, real = (np.concatenate(column) for column in zip(*columns, strict=True))
    came = np.isfinite(started)
    turn = np.maximum(day.due, day.arrives)[came]
    return Played(low, middle, high, plain, real, int(came.sum()), float((started[came] - turn).max()))


def _next(day: InventedDay, rows: Whole, now: float) -> int:
    by_law = rows[day.priority[rows] & (day.due[rows] <= now)]
    rows = by_law if len(by_law) else rows
    return int(rows[np.argmin(day.due[rows])])


def _ask(
    day: InventedDay,
    times: Mapping[Kind, Time],
    at: float,
    started: Minutes,
    counter_of: Whole,
    free: Minutes,
    asked: list[tuple[float, Whole, Waits, Minutes]],
) -> None:
    late = day.booked & (at > day.due + _LATE)
    known = np.flatnonzero((started > at) & ((day.arrives <= at) | (day.booked & ~late)))
    here = day.arrives[known] <= at
    if not here.any():
        return
    queue = Queue(
        quantiles=np.array([_time(day, times, row).quantiles for row in known.tolist()]),
        due=day.due[known] - at,
        there_from=np.where(here, 0.0, np.maximum(day.due[known] - at, 0.0)),
        comes=np.where(here, 1.0, 1 - _MISSED / (2 / 3)),
        priority=day.priority[known] & here,
    )
    served = [np.flatnonzero((counter_of == counter) & (started <= at)) for counter in range(len(free))]
    served = [rows[np.argsort(started[rows])] for rows in served]
    last = [int(rows[-1]) if len(rows) else -1 for rows in served]
    ends = [started[row] + day.takes[row] * day.speed[counter] if row >= 0 else 0.0 for counter, row in enumerate(last)]
    busy = [end > at for end in ends]
    counters = Counters(
        quantiles=np.array([_time(day, times, max(row, 0)).quantiles for row in last]),
        elapsed=np.array([at - started[row] if on else np.nan for row, on in zip(last, busy, strict=True)]),
        back_in=np.array([0.0 if on else max(0.0, until - at) for until, on in zip(free, busy, strict=True)]),
        away_in=np.array([begins - at if begins > at else np.inf for begins, _ in day.breaks]),
        away_for=np.array([ends - begins for begins, ends in day.breaks]),
        pace=np.array(
            [
                _pace(day, times, rows[:-1] if on else rows, speed)
                for rows, on, speed in zip(served, busy, day.speed.tolist(), strict=True)
            ]
        ),
    )
    waits = expect(queue, counters, seed=int(at))
    order = np.lexsort((queue.due, ~here))
    stated = np.array([NOMINAL[day.kind[row][0]] * day.kind[row][1] for row in known])
    ahead = np.zeros(len(known))
    ahead[order] = np.concatenate(([0.0], np.cumsum(stated[order])[:-1])) / len(free)
    asked.append((at, known[here], Waits(waits.low[here], waits.middle[here], waits.high[here]), ahead[here]))


def _pace(day: InventedDay, times: Mapping[Kind, Time], rows: Whole, speed: float) -> float:
    took = day.takes[rows] * speed
    return pace(took, np.array([_time(day, times, int(row)).mean for row in rows]))


def _time(day: InventedDay, times: Mapping[Kind, Time], row: int) -> Time:
    service, people = day.kind[row]
    return time_of(times, (_OFFICE, service, people), NOMINAL[service])
