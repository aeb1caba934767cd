"""When each one in the hall will be called: the rest of the day is played many times, by the rule that calls.

The rule: whenever a counter is free it takes, of those who are there, first who has priority by law and whose time has
come, then who is due first; at equal times the lower row. Service times are drawn from their measured quantiles; of who
is being served, from those that are longer than it took so far; and how fast each counter is, from what its visits of
today leave open. The same hall gives the same answer.

What is told of a wait: the narrowest range, in steps of five minutes, that holds in four of five plays.

A person decides by it whether to stand near the counter or to go out once more. A single number would be wrong for most
of those who are far from their turn, whoever reckons it: how long the people before them take is not known.

Who will come into a hall, from who came today: who is booked, who is not, and whom the law puts first.

People come before their time. Who is not there shortly before it stays away more likely than who has an hour left, and
after it nearly surely; so nobody is kept waiting, in what is told, for those who will not come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from allocation.hall.service_times import LEVELS, NORMAL, PROBABILITIES, Minutes, Whole, at_chance, drawn, longer

STEP: Final = 5.0
"""Minutes."""
HOLDS: Final = 0.8
"""The share of plays within the range."""


def narrowest(called: Minutes) -> tuple[Minutes, Minutes]:
    """Return from and until when each is called, in minutes: whole steps.

    Of ranges of the same width it is the one that holds most plays, and of those the earliest.

    Parameters
    ----------
    called
        The minutes after which each was called in each play, finite (plays × parties).
    """
    plays, parties = called.shape
    step = np.maximum(np.ceil(called / STEP).astype(np.int64) - 1, 0)
    steps = int(step.max(initial=0)) + 1
    counts = np.zeros((parties, steps + 1))
    np.add.at(counts, (np.arange(parties), step + 1), 1)
    within = np.cumsum(counts, axis=1)
    first, width = np.zeros(parties, np.int64), np.zeros(parties, np.int64)
    for wide in range(1, steps + 1):
        held = within[:, wide:] - within[:, :-wide]
        best = held.argmax(axis=1)
        found = (width == 0) & (held.max(axis=1) >= HOLDS * plays)
        first[found], width[found] = best[found], wide
        if width.all():
            break
    return STEP * first.astype(np.float64), STEP * (first + width).astype(np.float64)


Flags: TypeAlias = npt.NDArray[np.bool_]

PLAYED: Final = 100
MOST: Final = 300.0
"""Who comes for tickets is played until so many came: what is reckoned grows with the square of them."""
_NEVER: Final = np.inf
_AHEAD: Final = 1e6
"""Minutes by which the law puts somebody ahead: more than there are."""


@dataclass(frozen=True, eq=False)
class Queue:
    """Those who wait or may still come, one a row; times are minutes from now.

    ``quantiles`` (parties × `LEVELS`) are those of the minutes that each one's visit takes, ``due`` is when it is their
    turn, ``there_from`` (parties × `LEVELS`) are the quantiles of when they come (0: they are there), ``comes`` how
    likely they come at all (1: they are there), ``priority`` how likely the law puts them first.
    """

    quantiles: Minutes
    due: Minutes
    there_from: Minutes
    comes: Minutes
    priority: Minutes


@dataclass(frozen=True, eq=False)
class Tickets:
    """Who will still come without an appointment: ``rate`` a minute, from now on.

    Their visits are like those in ``quantiles`` (any number × `LEVELS`; nobody comes where there are none), and the
    law puts a share ``priority`` of them first. They are due when they come, and not before ``after``: a ticket has a
    place of its own in the day, behind those of the tickets before it.
    """

    quantiles: Minutes
    rate: float
    priority: float
    after: float = 0.0


NOBODY: Final = Tickets(np.empty((0, LEVELS)), 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Counters:
    """The open counters, one a row; times are minutes from now.

    ``quantiles`` (counters × `LEVELS`) are those of the visit that is there, and not read where ``elapsed`` (minutes
    since it was called) is NaN: nobody is there. ``back_in`` is when a break ends (0: there is none); who is there is
    served first. A planned break begins once the counter is free at ``away_in`` or later (infinite: none is planned)
    and lasts ``away_for``. ``pace`` multiplies the times of whoever works there, and is known within a factor of
    about ``1 ± pace_spread`` (a standard deviation of its logarithm).
    """

    quantiles: Minutes
    elapsed: Minutes
    back_in: Minutes
    away_in: Minutes
    away_for: Minutes
    pace: Minutes
    pace_spread: Minutes


@dataclass(frozen=True, eq=False)
class Waits:
    """Minutes until each is called: the middle of what was played, and the range that is told (`telling.narrowest`).

    Infinite where no counter is open.
    """

    low: Minutes
    middle: Minutes
    high: Minutes


def expect(
    queue: Queue, counters: Counters, tickets: Tickets = NOBODY, *, played: int = PLAYED, seed: int = 0
) -> Waits:
    """Return how long each of the queue still waits, given that they come; who is not there, from their time on.

    Raises
    ------
    ValueError
        A table of quantiles has not `LEVELS` columns.
    """
    parties = len(queue.due)
    if {
        queue.quantiles.shape[1],
        queue.there_from.shape[1],
        counters.quantiles.shape[1],
        tickets.quantiles.shape[1],
    } != {LEVELS}:
        raise ValueError(f"quantiles need {LEVELS} columns")
    if not parties or not len(counters.elapsed):
        return endless(parties)
    called = _play(queue, counters, tickets, played, np.random.default_rng(seed))
    called = np.maximum(called, np.where(queue.comes < 1, queue.due, 0.0))
    low, high = narrowest(called)
    return Waits(low, np.median(called, axis=0), high)


def endless(parties: int) -> Waits:
    """Return the waits of so many parties where no counter is open."""
    never = np.full(parties, _NEVER)
    return Waits(never, never, never)


def _play(queue: Queue, counters: Counters, tickets: Tickets, played: int, rng: np.random.Generator) -> Minutes:
    """Return when each was called in each play (plays × parties); who did not come in one: when they would have been.

    A party that stays away takes no time, so that its own turn is known in every play.
    """
    parties, plays = len(queue.due), (played, len(queue.due))
    takes = drawn(queue.quantiles, rng.random(plays))
    takes = np.where(rng.random(plays) < queue.comes, takes, 0.0)
    first = rng.random(plays) < queue.priority
    due, there = np.broadcast_to(queue.due, plays), drawn(queue.there_from, rng.random(plays))
    pace = counters.pace * np.exp(counters.pace_spread * rng.standard_normal((played, len(counters.pace))))
    free = _free_from(counters, pace, rng)
    comes, more, by_law = _more(tickets, _horizon(queue, counters), played, rng)
    there, due = np.hstack((there, comes)), np.hstack((due, np.maximum(comes, tickets.after)))
    takes, first = np.hstack((takes, more)), np.hstack((first, by_law))
    called, row, rested = np.full(due.shape, _NEVER), np.arange(played), np.zeros(free.shape, np.bool_)
    while np.isfinite(there[:, :parties]).any():  # who was called is there no more
        soonest = there.min(axis=1)
        over = np.isinf(soonest)
        counter, now = _next_free(counters, free, rested, np.where(over, 0.0, soonest))
        turn = np.where(there <= now[:, None], due, _NEVER)
        turn -= _AHEAD * (first & (turn <= now[:, None]))
        chosen = turn.argmin(axis=1)
        called[row, chosen] = np.where(over, called[row, chosen], now)
        there[row, chosen] = _NEVER
        free[row, counter] = np.where(over, free[row, counter], now + takes[row, chosen] * pace[row, counter])
    return called[:, :parties]


def _horizon(queue: Queue, counters: Counters) -> float:
    """Return by when about everyone of the queue was called, in minutes."""
    work = float((queue.quantiles.mean(axis=1) * queue.comes).sum() * counters.pace.mean() / len(counters.pace))
    return max(work, float(queue.due.max()))


def _more(tickets: Tickets, horizon: float, played: int, rng: np.random.Generator) -> tuple[Minutes, Minutes, Flags]:
    """Return when others come until then in each play, how long they take, and whom the law puts first (plays × most).

    Who does not come in one comes never; where more than `MOST` would come, nobody comes after them.
    """
    kinds = len(tickets.quantiles)
    horizon = min(horizon, MOST / tickets.rate) if tickets.rate > 0 else horizon
    count = rng.poisson(tickets.rate * horizon if kinds else 0.0, size=played)
    shape = played, int(count.max())
    comes = np.where(np.arange(shape[1]) < count[:, None], rng.random(shape) * horizon, _NEVER)
    if not comes.size:
        return comes, comes, np.zeros(shape, np.bool_)
    visit = tickets.quantiles[rng.integers(kinds, size=shape[1])]
    return comes, drawn(visit, rng.random(shape)), rng.random(shape) < tickets.priority


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


def _free_from(counters: Counters, pace: Minutes, rng: np.random.Generator) -> Minutes:
    """Return when each counter is free in each play (plays × counters), its visits as slow as ``pace`` (as many)."""
    free = np.zeros(pace.shape)
    for counter in np.flatnonzero(~np.isnan(counters.elapsed)).tolist():
        own, elapsed = pace[:, counter], counters.elapsed[counter]
        free[:, counter] = own * longer(counters.quantiles[counter], elapsed / own, rng.random(len(own)))
    return np.maximum(free, counters.back_in)


RECENT: Final = 60.0
"""Minutes: as many tickets as in the last ones will be given in the next ones."""
SOON: Final = 15.0
"""Minutes until tickets tell how many come: two in the first quarter of one do not mean eight a minute all day."""
_LEAN: Final = 20.0
"""What is assumed before anybody came weighs as much as so many people."""
_FIRST, _COME = 0.05, 0.85
"""The shares assumed: who is first by law, and who comes of those who are booked."""
_EARLY: Final = 10.0 + 10.0 * NORMAL
"""Minutes before their time at which people are assumed to come: quantiles, below 0 for those who are late."""


def by_law(first: int, came: int) -> float:
    """Return how likely the law puts somebody first who is not there yet, where it did so for ``first`` of ``came``."""
    return (first + _FIRST * _LEAN) / (came + _LEAN)


def tickets_of(
    ago: Minutes, since: float, quantiles: Sequence[Minutes], priority: float, *, after: float = 0.0
) -> Tickets:
    """Return who will still come for a ticket, when as many come as lately, for what people came today.

    Parameters
    ----------
    ago
        How many minutes ago each ticket of the day was given.
    since
        Minutes since tickets were given at all today; before `SOON` they count as given in so long.
    quantiles
        Those of each ticket's visit.
    priority
        The share of them whom the law puts first.
    after
        Minutes until the last of those who wait with a ticket is due.
    """
    lately = min(RECENT, since)
    rate = float(np.count_nonzero(ago <= lately)) / max(lately, SOON)
    return Tickets(np.array(quantiles).reshape(-1, LEVELS), rate, priority, after)


def comes_at_all(came: int, booked: int) -> float:
    """Return how likely somebody comes who is booked, where ``came`` did of ``booked`` whose time is over."""
    return (came + _COME * _LEAN) / (booked + _LEAN)


def early(minutes: Minutes) -> Minutes:
    """Return how many minutes before their time people come, (`LEVELS`,) quantiles, from those whose time is over."""
    if not len(minutes):
        return _EARLY
    weight = len(minutes) / (len(minutes) + _LEAN)
    return weight * np.quantile(minutes, PROBABILITIES) + (1 - weight) * _EARLY


def arrivals(due: Minutes, early: Minutes, comes: float) -> tuple[Minutes, Minutes]:
    """Return when those come who are not there yet, and how likely they still do.

    Parameters
    ----------
    due
        In how many minutes each one's time is, (k,).
    early
        As `early` returns it.
    comes
        How likely somebody comes at all.

    Returns
    -------
    tuple of ndarray
        The quantiles of the minutes from now, k × `LEVELS`, given that they come; and the chances, (k,).
    """
    left = np.interp(due, early, PROBABILITIES, left=0.0, right=1.0)
    # Of who comes, those are left who come less early than it is now.
    before = at_chance(np.tile(early, (LEVELS, 1)), left[:, None] * PROBABILITIES[::-1])
    return np.maximum(due[:, None] - before, 0.0), comes * left / (comes * left + 1 - comes)
