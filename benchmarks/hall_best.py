"""The best that anybody can foretell of an invented hall: told how all is drawn, and not what will be drawn.

It knows how long each kind of visit takes and how that scatters, how fast each clerk is, how many come without an
appointment, how early people are, who may stay away and how many the law puts first. The rest of the day is drawn from
that many times, by the rule that calls. Nobody who foretells with less can be right more often, but by luck.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from allocation.hall.service_times import Minutes, Whole
from allocation.hall.simulation import (
    EARLY,
    FIRST,
    MISSED,
    REALLY,
    SECOND_PERSON,
    SERVICES,
    SIZES,
    SPREAD,
    InventedDay,
    Seen,
)
from allocation.hall.waiting import Flags, Waits, narrowest

PLAYED: Final = 400
TRIES: Final = 40
NEAR: Final = 5.0
KINDS: Final = [(service, people) for service in REALLY for people in range(1, len(SIZES) + 1)]
CHANCES: Final = np.outer(SERVICES, SIZES).ravel()


def best(seed: int) -> Callable[[InventedDay, Seen], Waits]:
    """Return what tells the minutes that are within five of what comes most often, and the narrowest range."""
    rng = np.random.default_rng(seed)

    def foretell(day: InventedDay, seen: Seen) -> Waits:
        called = _play(day, seen, rng)
        low, high = narrowest(called)
        return Waits(low, np.array([_crowded(one) for one in called.T]), high)

    return foretell


def _crowded(plays: Minutes) -> float:
    """Return the middle of the ten minutes in which most plays are."""
    plays = np.sort(plays)
    within = np.searchsorted(plays, plays + 2 * NEAR, side="right") - np.arange(len(plays))
    most = np.flatnonzero(within == within.max())
    first = int(most[len(most) // 2])
    return float(plays[first] + plays[first + within[first] - 1]) / 2


def _play(day: InventedDay, seen: Seen, rng: np.random.Generator) -> Minutes:
    """Return in how many minutes each is called in each play; 0 for who is not there yet: they are not asked about."""
    rows = seen.rows
    mean = np.array([_mean(*day.kind[row]) for row in rows.tolist()])
    takes = mean * _scatter(rng, (PLAYED, len(rows)))
    due = np.broadcast_to(day.due[rows] - seen.at, takes.shape)
    first = np.where(seen.here, day.priority[rows], rng.random(takes.shape) < FIRST)
    there = np.where(seen.here, 0.0, _arrivals(day, seen, rng))
    walks, more, by_law = _walk_ins(day, seen, rng)
    there, due, takes, first = (
        np.hstack(pair) for pair in ((there, walks), (due, walks), (takes, more), (first, by_law))
    )
    called = _called(day, seen, _free(day, seen, rng), there, due, takes, first)[:, : len(rows)]
    return np.where(seen.here, called, 0.0)


def _called(
    day: InventedDay, seen: Seen, free: Minutes, there: Minutes, due: Minutes, takes: Minutes, first: Flags
) -> Minutes:
    begins, ends = np.array(day.breaks).T
    row, rested = np.arange(PLAYED), np.broadcast_to(seen.rested, free.shape).copy()
    called, left = np.full(due.shape, np.inf), np.where(np.isfinite(there), due, np.inf)
    asking = np.flatnonzero(seen.here)
    while np.isfinite(left[:, asking]).any():
        soonest = np.where(np.isfinite(left), there, np.inf).min(axis=1)
        on = np.isfinite(soonest)
        counter = free.argmin(axis=1)
        now = np.maximum(free[row, counter], np.where(on, soonest, 0.0))
        breaks = on & ~rested[row, counter] & (now + seen.at >= begins[counter])
        rested[row[breaks], counter[breaks]] = True
        since = np.maximum(free[row, counter], begins[counter] - seen.at) + (ends - begins)[counter]
        free[row[breaks], counter[breaks]] = since[breaks]
        on &= ~breaks
        here = np.where(there <= now[:, None], left, np.inf)
        law = np.where(first & (here <= now[:, None]), here, np.inf)
        chosen = np.where(np.isfinite(law).any(axis=1), law.argmin(axis=1), here.argmin(axis=1))
        called[row[on], chosen[on]], left[row[on], chosen[on]] = now[on], np.inf
        free[row[on], counter[on]] = (now + takes[row, chosen] * day.speed[counter])[on]
    return called


def _free(day: InventedDay, seen: Seen, rng: np.random.Generator) -> Minutes:
    """Return in how many minutes each counter is free in each play."""
    free = np.broadcast_to(np.maximum(seen.free - seen.at, 0.0), (PLAYED, len(seen.free))).copy()
    for counter, speed in enumerate(day.speed.tolist()):
        mine: Whole = np.flatnonzero((seen.counter_of == counter) & np.isfinite(seen.started))
        if not len(mine):
            continue
        row = int(mine[np.argmax(seen.started[mine])])
        so_far = seen.at - seen.started[row]
        if day.takes[row] * speed > so_far:
            middle = _mean(*day.kind[row]) * speed * np.exp(-(SPREAD**2) / 2)
            passed = float(ndtr(np.log(max(so_far, 1e-9) / middle) / SPREAD))
            chance = np.minimum(passed + (1 - passed) * rng.random(PLAYED), 1 - 1e-12)
            free[:, counter] = np.maximum(middle * np.exp(SPREAD * ndtri(chance)) - so_far, 0.0)
    return free


def _arrivals(day: InventedDay, seen: Seen, rng: np.random.Generator) -> Minutes:
    """Return in how many minutes the booked come in each play, given that they did not yet; infinite: they do not."""
    shape, scale, late = EARLY
    comes = np.maximum(day.due[seen.rows] - rng.gamma(shape, scale, (TRIES, PLAYED, len(seen.rows))) + late, 0.0)
    later = comes > seen.at
    still = later.mean(axis=(0, 1)) * (1 - MISSED / (2 / 3))
    chance = still / (still + MISSED / (2 / 3))
    sure = later.any(axis=0) & (rng.random(later.shape[1:]) < chance)
    return np.where(sure, np.take_along_axis(comes, later.argmax(axis=0)[None], 0)[0] - seen.at, np.inf)


def _walk_ins(day: InventedDay, seen: Seen, rng: np.random.Generator) -> tuple[Minutes, Minutes, Flags]:
    left = max(0.0, day.hours * 60 - seen.at)
    count = rng.poisson(len(day.due) / 3 * left / (day.hours * 60), PLAYED)
    shape = PLAYED, int(count.max())
    comes = np.where(np.arange(shape[1]) < count[:, None], rng.random(shape) * left, np.inf)
    mean = np.array([_mean(*kind) for kind in KINDS])[rng.choice(len(KINDS), p=CHANCES, size=shape)]
    return comes, mean * _scatter(rng, shape), rng.random(shape) < FIRST


def _mean(service: int, people: int) -> float:
    return REALLY[service] * (1 + SECOND_PERSON * (people - 1))


def _scatter(rng: np.random.Generator, shape: tuple[int, int]) -> Minutes:
    return np.asarray(np.exp(SPREAD * rng.standard_normal(shape) - SPREAD**2 / 2))
