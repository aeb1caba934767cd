"""An invented day in a hall, played by the rule that calls: what was foretold to each against what came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from allocation.hall.service_times import Kind, Measured, Minutes, Time, Whole, learn, pace, pace_spread, time_of
from allocation.hall.waiting import (
    Counters,
    Flags,
    Queue,
    Tickets,
    Waits,
    arrivals,
    by_law,
    comes_at_all,
    early,
    expect,
    tickets_of,
)

NOMINAL: Final = {0: 10.0, 1: 15.0, 2: 25.0}
"""Minutes of one person by service, as the catalogue of the invented office states them."""
REALLY: Final = {0: 9.0, 1: 13.0, 2: 27.0}
SERVICES: Final = (0.5, 0.35, 0.15)
SPREAD: Final = 0.42
SIZES: Final = (0.7, 0.2, 0.1)
SECOND_PERSON: Final = 0.7
MISSED: Final = 0.14
FIRST: Final = 0.08
EARLY: Final = (2.0, 8.0, 4.0)
"""Minutes before their time, less the last one, at which the booked come: shape and scale of a gamma distribution."""
_OFFICE: Final = 0
_LATE: Final = 15.0


@dataclass(frozen=True, eq=False)
class InventedDay:
    """A day of parties, one a row; minutes after opening.

    ``kind`` are service and people; ``arrives`` is infinite for those who stay away. ``speed`` multiplies the times at
    each counter; ``breaks`` are (from, until) by counter, which begin once the counter is free. ``hours`` are those in
    which people come.
    """

    hours: float
    due: Minutes
    arrives: Minutes
    takes: Minutes
    kind: list[tuple[int, int]]
    booked: Flags
    priority: Flags
    speed: Minutes
    breaks: list[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Seen:
    """A hall at ``at`` of an invented day; ``rows`` are those of the day who wait, or are booked and not late yet.

    ``here`` is which of them are in the hall. By party of the day: ``started`` when each was called (infinite: not yet)
    and ``counter_of`` where. By counter: when it is ``free``, and whether its break is over or has begun (``rested``).
    """

    at: float
    rows: Whole
    here: Flags
    started: Minutes
    counter_of: Whole
    free: Minutes
    rested: Flags


Foretell: TypeAlias = Callable[[InventedDay, Seen], Waits]
"""Tells each of ``rows`` how long they still wait."""


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
    mean = float(np.dot(SERVICES, list(REALLY.values()))) * float(
        np.dot(SIZES, [1 + SECOND_PERSON * extra for extra in range(3)])
    )
    parties = int(load * counters * hours * 60 / mean)
    service = rng.choice(3, size=parties, p=SERVICES)
    people = rng.choice(3, size=parties, p=SIZES) + 1
    booked = rng.random(parties) < 2 / 3
    slot = np.sort(rng.integers(0, int(hours * 2), size=parties)) * 30.0
    early = rng.gamma(*EARLY[:2], size=parties)
    arrives = np.where(booked, np.maximum(slot - early + EARLY[2], 0.0), slot + rng.random(parties) * 30)
    takes = np.array([REALLY[one] for one in service.tolist()]) * (1 + SECOND_PERSON * (people - 1))
    takes *= np.exp(SPREAD * rng.standard_normal(parties) - SPREAD**2 / 2)
    due = np.where(booked, np.where(arrives > slot + 15, arrives, slot), arrives)
    missed = booked & (rng.random(parties) < MISSED / (2 / 3))
    return InventedDay(
        hours=hours,
        due=due,
        arrives=np.where(missed, np.inf, arrives),
        takes=takes,
        kind=list(zip(service.tolist(), people.tolist(), strict=True)),
        booked=booked,
        priority=rng.random(parties) < FIRST,
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


def play(day: InventedDay, foretell: Foretell, *, every: float = 10.0) -> Played:
    """Play a day by the rule, and ask every so many minutes how long each in the hall still waits."""
    counters = len(day.speed)
    free, counter_of, started = np.zeros(counters), np.full(len(day.due), -1), np.full(len(day.due), np.inf)
    rested = np.zeros(counters, np.bool_)
    asked: list[tuple[Seen, Waits, Minutes]] = []
    moment = every
    while True:
        counter = int(free.argmin())
        waiting = np.isinf(started) & np.isfinite(day.arrives)
        if not waiting.any():
            break
        now = max(float(free[counter]), float(day.arrives[waiting].min()))
        while moment <= now:
            seen = _seen(day, moment, started, counter_of, free, rested)
            if seen.here.any():
                asked.append((seen, foretell(day, seen), _plain(day, seen)))
            moment += every
        begins, ends = day.breaks[counter]
        if not rested[counter] and now >= begins:
            rested[counter], free[counter] = True, max(float(free[counter]), begins) + ends - begins
            continue
        chosen = _next(day, np.flatnonzero(waiting & (day.arrives <= now)), now)
        started[chosen], counter_of[chosen] = now, counter
        free[counter] = now + day.takes[chosen] * day.speed[counter]
    nobody = (np.empty(0),) * 5
    columns = [
        (
            waits.low[seen.here],
            waits.middle[seen.here],
            waits.high[seen.here],
            plain[seen.here],
            started[seen.rows[seen.here]] - seen.at,
        )
        for seen, waits, plain in asked
    ]
    low, middle, high, plain, real = (np.concatenate(column) for column in zip(nobody, *columns, strict=True))
    came = np.isfinite(started)
    turn = np.maximum(day.due, day.arrives)[came]
    return Played(low, middle, high, plain, real, int(came.sum()), float((started[came] - turn).max()))


def told(times: Mapping[Kind, Time]) -> Foretell:
    """Return what people are told, as Mawid reckons it, where such times were measured on earlier days.

    It knows who is there, who is booked, who came so far, what each counter did today, and when breaks are planned; not
    how long anybody will take, who will walk in, or who stays away.
    """

    def foretell(day: InventedDay, seen: Seen) -> Waits:
        return expect(*_known(day, times, seen), seed=int(seen.at))

    return foretell


def _next(day: InventedDay, rows: Whole, now: float) -> int:
    by_law = rows[day.priority[rows] & (day.due[rows] <= now)]
    rows = by_law if len(by_law) else rows
    return int(rows[np.argmin(day.due[rows])])


def _seen(day: InventedDay, at: float, started: Minutes, counter_of: Whole, free: Minutes, rested: Flags) -> Seen:
    late = day.booked & (at > day.due + _LATE)
    rows = np.flatnonzero((started > at) & ((day.arrives <= at) | (day.booked & ~late)))
    return Seen(
        at,
        rows,
        day.arrives[rows] <= at,
        np.where(started <= at, started, np.inf),
        counter_of,
        free.copy(),
        rested.copy(),
    )


def _plain(day: InventedDay, seen: Seen) -> Minutes:
    order = np.lexsort((day.due[seen.rows], ~seen.here))
    stated = np.array([NOMINAL[day.kind[row][0]] * day.kind[row][1] for row in seen.rows.tolist()])
    ahead = np.zeros(len(stated))
    ahead[order] = np.concatenate(([0.0], np.cumsum(stated[order])[:-1])) / len(seen.free)
    return ahead


def _known(day: InventedDay, times: Mapping[Kind, Time], seen: Seen) -> tuple[Queue, Counters, Tickets]:
    at, here, came = seen.at, seen.here, day.arrives <= seen.at
    law = by_law(int(day.priority[came].sum()), int(came.sum()))
    due, over = day.due[seen.rows] - at, day.booked & (day.due + _LATE <= at)
    usually = early((day.due - day.arrives)[over & came])
    there, comes = arrivals(due, usually, comes_at_all(int((over & came).sum()), int(over.sum())))
    queue = Queue(
        quantiles=np.array([_time(day, times, row).quantiles for row in seen.rows.tolist()]),
        due=due,
        there_from=np.where(here[:, None], 0.0, there),
        comes=np.where(here, 1.0, comes),
        priority=np.where(here, day.priority[seen.rows], law),
    )
    walked = np.flatnonzero(came & ~day.booked)
    visits = [_time(day, times, row).quantiles for row in walked.tolist()]
    return queue, _counters(day, times, seen), tickets_of(at - day.arrives[walked], at, visits, law)


def _counters(day: InventedDay, times: Mapping[Kind, Time], seen: Seen) -> Counters:
    at, begun, free = seen.at, seen.started, seen.free
    served = [np.flatnonzero((seen.counter_of == counter) & np.isfinite(begun)) for counter in range(len(free))]
    served = [rows[np.argsort(begun[rows])] for rows in served]
    last = [int(rows[-1]) if len(rows) else -1 for rows in served]
    ends = [
        begun[row] + day.takes[row] * speed if row >= 0 else 0.0 for row, speed in zip(last, day.speed, strict=True)
    ]
    busy = [end > at for end in ends]
    ended = [rows[:-1] if on else rows for rows, on in zip(served, busy, strict=True)]
    return Counters(
        quantiles=np.array([_time(day, times, max(row, 0)).quantiles for row in last]),
        elapsed=np.array([at - begun[row] if on else np.nan for row, on in zip(last, busy, strict=True)]),
        back_in=np.array([0.0 if on else max(0.0, until - at) for until, on in zip(free, busy, strict=True)]),
        away_in=np.array(
            [
                np.inf if over else max(begins - at, 0.0)
                for over, (begins, _) in zip(seen.rested, day.breaks, strict=True)
            ]
        ),
        away_for=np.array([ends - begins for begins, ends in day.breaks]),
        pace=np.array([_pace(day, times, rows, speed) for rows, speed in zip(ended, day.speed.tolist(), strict=True)]),
        pace_spread=np.array([pace_spread(len(rows)) for rows in ended]),
    )


def _pace(day: InventedDay, times: Mapping[Kind, Time], rows: Whole, speed: float) -> float:
    took = day.takes[rows] * speed
    return pace(took, np.array([_time(day, times, int(row)).mean for row in rows]))


def _time(day: InventedDay, times: Mapping[Kind, Time], row: int) -> Time:
    service, people = day.kind[row]
    return time_of(times, (_OFFICE, service, people), NOMINAL[service])
