"""When each one in the hall will be called: the rest of the day is played many times, by the rule that calls.

The rule: whenever a counter is free it takes, of those who are there, first who has priority by law and whose time has
come, then who is due first; at equal times the lower row. Service times are drawn from their measured quantiles; of who
is being served, from those that are longer than it took so far. The same hall gives the same answer.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from allocation.hall.service_times import LEVELS, Minutes, Whole

Flags: TypeAlias = npt.NDArray[np.bool_]

PLAYED: Final = 100
_NEVER: Final = np.inf
_STEP: Final = 0.2
"""Who takes longer than ever measured is assumed to need another such share of the mean."""


@dataclass(frozen=True, eq=False)
class Queue:
    """Those who wait or may still come, one a row; times are minutes from now.

    ``quantiles`` (parties × `LEVELS`) are the minutes that each one's visit takes, ``due`` when it is their turn,
    ``there_from`` when they are in the hall (0: they are), ``comes`` how likely they come at all, ``priority`` whether
    the law puts them first.
    """

    quantiles: Minutes
    due: Minutes
    there_from: Minutes
    comes: Minutes
    priority: Flags


@dataclass(frozen=True, eq=False)
class Counters:
    """The open counters, one a row; times are minutes from now.

    ``quantiles`` (counters × `LEVELS`) are those of the visit that is there, and not read where ``elapsed`` (minutes
    since it was called) is NaN: nobody is there. ``back_in`` is when a break ends (0: there is none); who is there is
    served first. A planned break begins once the counter is free at ``away_in`` or later (infinite: none is planned)
    and lasts ``away_for``. ``pace`` multiplies the times of whoever works there.
    """

    quantiles: Minutes
    elapsed: Minutes
    back_in: Minutes
    away_in: Minutes
    away_for: Minutes
    pace: Minutes


@dataclass(frozen=True, eq=False)
class Waits:
    """Minutes until each is called: the middle of what was played, and what nine of ten are within.

    Infinite where no counter is open.
    """

    low: Minutes
    middle: Minutes
    high: Minutes


def expect(queue: Queue, counters: Counters, *, played: int = PLAYED, seed: int = 0) -> Waits:
    """Return how long each of the queue still waits, given that they come.

    Raises
    ------
    ValueError
        A table of quantiles has not `LEVELS` columns.
    """
    parties, width = queue.quantiles.shape
    if width != LEVELS or (len(counters.elapsed) and counters.quantiles.shape[1] != LEVELS):
        raise ValueError(f"quantiles need {LEVELS} columns")
    if not parties or not len(counters.elapsed):
        return endless(parties)
    called = _play(queue, counters, played, np.random.default_rng(seed))
    low, middle, high = np.quantile(called, (0.05, 0.5, 0.95), axis=0)
    return Waits(low, middle, high)


def endless(parties: int) -> Waits:
    """Return the waits of so many parties where no counter is open."""
    never = np.full(parties, _NEVER)
    return Waits(never, never, never)


def _play(queue: Queue, counters: Counters, played: int, rng: np.random.Generator) -> Minutes:
    """Return when each was called in each play (plays × parties); who did not come in one: when they would have been.

    A party that stays away takes no time, so that its own turn is known in every play.
    """
    parties = len(queue.due)
    order = np.lexsort((np.arange(parties), queue.due))
    due, there, first = queue.due[order], queue.there_from[order], queue.priority[order]
    level = rng.integers(LEVELS, size=(played, parties))
    takes = queue.quantiles[order][np.arange(parties), level]
    takes = np.where(rng.random((played, parties)) < queue.comes[order], takes, 0.0)
    free = _free_from(counters, played, rng)
    called = np.full((played, parties), _NEVER)
    waiting = np.ones((played, parties), np.bool_)
    row, rested = np.arange(played), np.zeros(free.shape, np.bool_)
    for _ in range(parties):
        soonest = np.where(waiting, there, _NEVER).min(axis=1)
        counter, now = _next_free(counters, free, rested, soonest)
        here = waiting & (there <= now[:, None])
        by_law = here & first & (due <= now[:, None])
        here = np.where(by_law.any(axis=1, keepdims=True), by_law, here)
        chosen = here.argmax(axis=1)
        called[row, chosen] = now
        waiting[row, chosen] = False
        free[row, counter] = now + takes[row, chosen] * counters.pace[counter]
    back = np.empty_like(called)
    back[:, order] = called
    return back


def _next_free(counters: Counters, free: Minutes, rested: Flags, soonest: Minutes) -> tuple[Whole, Minutes]:
    """Return the counter that calls next in each play, and when; those whose break is due take it first."""
    row = np.arange(len(free))
    while True:
        counter = free.argmin(axis=1)
        now = np.maximum(free[row, counter], soonest)
        breaks: Flags = np.logical_and(~rested[row, counter], now >= counters.away_in[counter])
        if not breaks.any():
            return counter, now
        begins = np.maximum(free[row, counter], counters.away_in[counter])
        free[row, counter] = np.where(breaks, begins + counters.away_for[counter], free[row, counter])
        rested[row, counter] |= breaks


def _free_from(counters: Counters, played: int, rng: np.random.Generator) -> Minutes:
    """Return when each counter is free in each play (plays × counters)."""
    free = np.empty((played, len(counters.elapsed)))
    every = zip(counters.quantiles * counters.pace[:, None], counters.elapsed, strict=True)
    for counter, (quantiles, elapsed) in enumerate(every):
        if np.isnan(elapsed):
            free[:, counter] = 0.0
            continue
        longer = quantiles[quantiles > elapsed] - elapsed
        left = longer if len(longer) else np.array([_STEP * quantiles.mean()])
        free[:, counter] = rng.choice(left, size=played)
    return np.maximum(free, counters.back_in)
