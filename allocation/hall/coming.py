"""Who will come into a hall, from who came today: how many without an appointment, and whom the law puts first."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from allocation.hall.service_times import LEVELS, Minutes
from allocation.hall.waiting import Tickets

RECENT: Final = 60.0
"""Minutes: as many tickets as in the last ones will be given in the next ones."""
_LAW_SHARE, _LAW_LEAN = 0.05, 20.0
"""Of so many people this share is assumed to be first by law, before anybody came."""


def by_law(first: int, came: int) -> float:
    """Return how likely the law puts somebody first who is not there yet, where it did so for ``first`` of ``came``."""
    return (first + _LAW_SHARE * _LAW_LEAN) / (came + _LAW_LEAN)


def tickets_of(ago: Minutes, since: float, quantiles: Sequence[Minutes], priority: float) -> Tickets:
    """Return who will still come for a ticket, when as many come as lately, for what people came today.

    Parameters
    ----------
    ago
        How many minutes ago each ticket of the day was given.
    since
        Minutes since tickets were given at all today.
    quantiles
        Those of each ticket's visit.
    priority
        The share of them whom the law puts first.
    """
    lately = min(RECENT, since)
    rate = float(np.count_nonzero(ago <= lately)) / lately if lately > 0 else 0.0
    return Tickets(np.array(quantiles).reshape(-1, LEVELS), rate, priority)
