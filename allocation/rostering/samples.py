"""An invented branch and month, for benchmarks and tests; and the plan that offices have today."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from allocation.rostering.roster import FREE, gains, with_backlog
from allocation.rostering.weeks import WEEK, Law, Real, Shifts, Staff, Weeks, Whole

OPENS: Final = 8
HOURS: Final = 8
"""Blocks are hours, from eight to four."""
MINUTES: Final = 14.0
"""How long one person takes, in the mean."""
OPEN_DAYS: Final = 5
"""Sunday to Thursday."""
_BY_HOUR: Final = np.array([1.0, 1.5, 1.55, 1.3, 0.95, 0.7, 0.6, 0.4]) / 8
_BY_DAY: Final = np.array([1.3, 1.0, 0.9, 0.9, 1.05, 0, 0])
_UNSURE: Final = 0.18
_DRAWS: Final = 200
# From, until, and the hour of a pause (-1: none), of each kind of shift; the first two are those that all have today.
_KINDS: Final = (
    (8, 16, 12),
    (8, 16, 13),
    (8, 16, 11),
    (8, 13, -1),
    (8, 14, 12),
    (9, 15, 13),
    (10, 16, 13),
    (11, 16, -1),
)
_ON_LEAVE: Final = 0.06
_SKILLS: Final = (0.15, 0.3)
"""Shares of staff who can supervise, and who can enrol."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A question for a roster, and the mean of the demand behind it (days × hours), in people."""

    weeks: Weeks
    demand: Real


def a_branch(
    seed: int = 0,
    *,
    people: int = 60,
    counters: int = 48,
    weeks: int = 4,
    load: float = 0.85,
    owed: int = 0,
    law: Law | None = None,
) -> Branch:
    """Draw a branch whose people ask for a share ``load`` of what all its counters can serve, with a long pause less.

    ``owed`` are minutes a week that cost nothing; with 0 each hour has to serve enough to be worth it.
    """
    rng = np.random.default_rng(seed)
    days, rate = weeks * WEEK, 60 / MINUTES
    shape = np.tile(_BY_DAY, weeks)[:, None] * _BY_HOUR * rng.uniform(0.85, 1.15, size=(days, 1))
    demand = shape / shape.sum() * load * rate * counters * (HOURS - 1) * OPEN_DAYS * weeks
    unsure = np.exp(_UNSURE * rng.standard_normal((_DRAWS, days, 1)) - _UNSURE**2 / 2)
    drawn = rng.poisson(demand * unsure).astype(np.float64)
    there = with_backlog(drawn, np.full((days, HOURS), rate * counters) * (demand > 0))
    may = np.ones((people, days), np.bool_)
    starts = rng.integers(0, days, people)
    for who in np.flatnonzero(rng.random(people) < _ON_LEAVE * weeks).tolist():
        may[who, starts[who] : starts[who] + WEEK] = False
    needs = np.zeros((days, HOURS, len(_SKILLS)), np.int64)
    needs[demand.sum(axis=1) > 0] = (1, 2)
    skills = np.array([np.arange(people) < max(2, round(share * people)) for share in _SKILLS]).T
    skills[:, 1] = np.roll(skills[:, 1], people // 3)
    return Branch(
        Weeks(
            gain=gains(there, rate, counters),
            needs=needs,
            shifts=shifts(),
            staff=Staff(
                may=may,
                skills=skills,
                owed=np.full(people, owed),
                most=np.full(people, 35 * 60),
                in_a_row=np.zeros(people, np.int64),
                ended=np.full(people, -1),
                follow=np.zeros(people, np.int64),
                begins=np.full(people, -1),
            ),
            law=law or Law(),
            overtime=1.0,
        ),
        demand,
    )


def shifts() -> Shifts:
    """Return the kinds of shifts of the invented branch; pauses are not paid."""
    covers = np.zeros((len(_KINDS), HOURS), np.bool_)
    for row, (first, until, pause) in enumerate(_KINDS):
        covers[row, first - OPENS : until - OPENS] = True
        if pause >= 0:
            covers[row, pause - OPENS] = False
    first, until = np.array(_KINDS)[:, :2].T
    return Shifts(covers=covers, starts=first * 60, ends=until * 60, paid=covers.sum(axis=1) * 60)


def present_plan(weeks: Weeks) -> Whole:
    """Return what offices do today: every counter has somebody for the whole day, half of them with another pause."""
    shift = np.full((weeks.people, weeks.days), FREE, np.int64)
    counters = weeks.gain.shape[2]
    for day in np.flatnonzero(weeks.gain.max(axis=(1, 2)) > 0).tolist():
        there = np.roll(np.flatnonzero(weeks.staff.may[:, day]), -day)[:counters]
        shift[there, day] = np.arange(len(there)) % 2
    return shift


_SPREAD: Final = 0.42
_HOUR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Month:
    """What came of a month: people who came and were served before closing, and their waits in minutes."""

    came: int
    served: int
    mean_wait: float
    worst_wait: float


def play(demand: Real, cover: Whole, *, counters: int, seed: int = 0, unsure: float = 0.18) -> Month:
    """Play each day: people come at random, the first is served first, who is not called by closing goes home.

    Parameters
    ----------
    demand, cover
        (days × hours) the mean of people who come, and how many are at counters.
    counters
        Nobody else finds a counter.
    """
    rng = np.random.default_rng(seed)
    waits: list[float] = []
    came = 0
    for day in range(len(demand)):
        mean = demand[day] * np.exp(unsure * rng.standard_normal() - unsure**2 / 2)
        hours = np.repeat(np.arange(len(mean)), rng.poisson(mean))
        arrives = np.sort(hours * _HOUR + rng.uniform(0, _HOUR, len(hours)))
        takes = MINUTES * np.exp(_SPREAD * rng.standard_normal(len(hours)) - _SPREAD**2 / 2)
        waits += _day(arrives, takes, np.minimum(cover[day], counters))
        came += len(hours)
    return Month(came, len(waits), float(np.mean(waits)), float(np.max(waits)))


def _day(arrives: Real, takes: Real, cover: Whole) -> list[float]:
    """Return the waits of those who were called before closing."""
    servers = int(cover.max(initial=0))
    if not servers:
        return []
    hours = len(cover)
    # from which instant on a server is next at the counter, by the hour in which it is free
    opens = np.full((hours + 1, servers), np.inf)
    for hour in range(hours - 1, -1, -1):
        opens[hour] = np.where(np.arange(servers) < cover[hour], hour * _HOUR, opens[hour + 1])
    free, waits, row = np.zeros(servers), [], np.arange(servers)
    for at, length in zip(arrives.tolist(), takes.tolist(), strict=True):
        ready = np.maximum(free, at)
        begins = np.maximum(ready, opens[np.minimum(ready // _HOUR, hours).astype(np.int64), row])
        server = int(begins.argmin())
        if begins[server] < hours * _HOUR:
            waits.append(float(begins[server]) - at)
            free[server] = begins[server] + length
    return waits
