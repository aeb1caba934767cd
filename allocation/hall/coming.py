"""Who will come into a hall, from who came today: who is booked, who is not, and whom the law puts first.

People come before their time. Who is not there shortly before it stays away more likely than who has an hour left, and
after it nearly surely; so nobody is kept waiting, in what is told, for those who will not come.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from allocation.hall.service_times import LEVELS, NORMAL, PROBABILITIES, Minutes, at_chance
from allocation.hall.waiting import Tickets

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
