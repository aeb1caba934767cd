"""Which bins each request accepts, and how gladly: compiled loops over windows of days."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled

COST_OF_DAY: Final = 32
COST_OF_BAND: Final = 2
LAST_DAY_THAT_COSTS: Final = 1000
"""Later days cost no more, so that a cost is an int16: 1000 · 32 + 15 · 2 + 1."""

REASONS: Final = (
    "it asks for no office",
    "its offices have no places",
    "its last day comes before its first",
    "its days are over before the first place",
    "its days begin after the last place",
    "its offices have no places on its days",
    "its offices have no places on its weekdays",
    "its offices have no accessible places",
    "its offices have no places at its times of day",
    "its offices have no places in its pools",
    "it needs more than any place that it accepts has",
)
"""Why no plan can serve a request, in the order in which bins are ruled out; the last leaves pairs that never fit."""
_NO_OFFICE, _NO_PLACES, _TURNED, _OVER, _LATER, _DAYS, _WEEKDAYS, _ACCESSIBLE, _BANDS, _POOLS, _SIZE = range(11)
_FITS: Final = 11


class Asked(NamedTuple):
    """n requests: int64 (n,) each, ``accessible`` bool.

    Days count from 1970-01-01. ``weekdays`` and ``bands`` are bits, ``kind`` is a row of ``Offered.pool_cost``.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    needed_by: NDArray[np.int64]
    weekdays: NDArray[np.int64]
    bands: NDArray[np.int64]
    kind: NDArray[np.int64]
    units: NDArray[np.int64]
    accessible: NDArray[np.bool_]


class Wishes(NamedTuple):
    """w offices that are asked for, sorted by request, then office: int64 (w,) each; ``start`` (n + 1,)."""

    start: NDArray[np.int64]
    office: NDArray[np.int64]
    rank: NDArray[np.int64]


class Offered(NamedTuple):
    """m bins sorted by office, then day: int64 (m,) each, ``accessible`` bool.

    ``number`` is a bin's own; ``weekday`` and ``band`` are single bits; ``pool_cost``: int64 (kinds, pools), -1
    where a pool is closed to a kind.
    """

    number: NDArray[np.int64]
    office: NDArray[np.int64]
    day: NDArray[np.int64]
    weekday: NDArray[np.int64]
    band: NDArray[np.int64]
    turn: NDArray[np.int64]
    pool: NDArray[np.int64]
    places: NDArray[np.int64]
    accessible: NDArray[np.bool_]
    pool_cost: NDArray[np.int64]


class Pairs(NamedTuple):
    """The pair columns of a problem."""

    request: NDArray[np.int32]
    bin: NDArray[np.int32]
    rank: NDArray[np.int8]
    late: NDArray[np.bool_]
    cost: NDArray[np.int16]


def acceptable(asked: Asked, wishes: Wishes, offered: Offered) -> tuple[Pairs, NDArray[np.int8]]:
    """Find all pairs of a request and a bin that it accepts, by request, then in the order of ``offered``.

    Rank is the office's. Inside it an earlier day costs less, then an earlier band, then a cheaper pool.

    Returns
    -------
    tuple
        The pairs, and int8 (n,): the row of REASONS for which nothing can serve a request, or -1.
    """
    begin, end, nearest = _windows(asked, wishes, offered)
    n = asked.first.size
    counts, reached = np.zeros(n, np.int64), np.zeros(n, np.int8)
    _count(asked, wishes, offered, begin, end, counts, reached)
    total = int(counts.sum())
    pairs = Pairs(
        np.repeat(np.arange(n, dtype=np.int32), counts),
        np.empty(total, np.int32),
        np.empty(total, np.int8),
        np.empty(total, np.bool_),
        np.empty(total, np.int16),
    )
    _fill(asked, wishes, offered, begin, end, pairs)
    for column in pairs:
        column.flags.writeable = False  # a problem then keeps it as it is
    hopeless = np.where(reached > 0, reached, nearest)
    return pairs, np.where(hopeless == _FITS, -1, hopeless).astype(np.int8)


def _windows(
    asked: Asked, wishes: Wishes, offered: Offered
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    """Rows of ``offered`` from which and up to which each wish's days go; and why a request has none, int8 (n,)."""
    n = asked.first.size
    nearest = np.full(n, _NO_OFFICE, np.int8)
    request = np.repeat(np.arange(n), np.diff(wishes.start))
    nearest[request] = _NO_PLACES
    if not offered.day.size:
        nothing = np.zeros(wishes.office.size, np.int64)
        return nothing, nothing, nearest
    horizon, last = int(offered.day.min()), int(offered.day.max())
    span = last - horizon + 2
    key = offered.office * span + (offered.day - horizon)
    first_of = np.clip(asked.first - horizon, 0, span - 1)[request]
    last_of = np.clip(asked.last - horizon, -1, span - 2)[request]
    begin = np.searchsorted(key, wishes.office * span + first_of)
    end = np.searchsorted(key, wishes.office * span + last_of + 1)
    has_places = np.bincount(offered.office, minlength=int(wishes.office.max(initial=0)) + 1) > 0
    nearest[request[has_places[wishes.office]]] = _DAYS
    asks = nearest == _DAYS
    nearest[asks & (asked.first > last)] = _LATER
    nearest[asks & (asked.last < horizon)] = _OVER
    nearest[asks & (asked.last < asked.first)] = _TURNED
    return begin.astype(np.int64), end.astype(np.int64), nearest


@compiled
def _obstacle(asked: Asked, offered: Offered, request: int, row: int) -> int:
    """Row of REASONS for which a request cannot have a bin of its offices and days, or _FITS."""
    if asked.weekdays[request] & offered.weekday[row] == 0:
        return _WEEKDAYS
    if asked.accessible[request] and not offered.accessible[row]:
        return _ACCESSIBLE
    if asked.bands[request] & offered.band[row] == 0:
        return _BANDS
    if offered.pool_cost[asked.kind[request], offered.pool[row]] < 0:
        return _POOLS
    if asked.units[request] > offered.places[row]:
        return _SIZE
    return _FITS


@compiled
def _count(
    asked: Asked,
    wishes: Wishes,
    offered: Offered,
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    counts: NDArray[np.int64],
    reached: NDArray[np.int8],
) -> None:
    """Count the pairs of each request, and how far its bins got."""
    for request in range(counts.size):
        for wish in range(wishes.start[request], wishes.start[request + 1]):
            for row in range(begin[wish], end[wish]):
                obstacle = _obstacle(asked, offered, request, row)
                reached[request] = max(reached[request], obstacle)
                counts[request] += obstacle >= _SIZE


@compiled
def _fill(
    asked: Asked,
    wishes: Wishes,
    offered: Offered,
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    pairs: Pairs,
) -> None:
    """Write the pairs that were counted."""
    horizon = offered.day.min() if offered.day.size else 0
    pair = 0
    for request in range(wishes.start.size - 1):
        for wish in range(wishes.start[request], wishes.start[request + 1]):
            for row in range(begin[wish], end[wish]):
                if _obstacle(asked, offered, request, row) < _SIZE:
                    continue
                day = offered.day[row]
                waits = min(day - max(asked.first[request], horizon), LAST_DAY_THAT_COSTS)
                pool_cost = offered.pool_cost[asked.kind[request], offered.pool[row]]
                pairs.bin[pair] = offered.number[row]
                pairs.rank[pair] = wishes.rank[wish]
                pairs.late[pair] = day > asked.needed_by[request]
                pairs.cost[pair] = waits * COST_OF_DAY + offered.turn[row] * COST_OF_BAND + pool_cost
                pair += 1
