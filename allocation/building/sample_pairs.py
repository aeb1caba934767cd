"""The pairs of a synthetic country, a piece at a time: a million requests have tens of millions of them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

POOLS: Final = ("general", "expatriate", "accessible", "conscript", "enrolment")
RESERVED: Final = (0.04, 0.03, 0.05, 0.30)
"""Share of the places that each pool but the general one holds; consulates keep none for expatriates."""
KIND_SHARES: Final = (0.85, 0.06, 0.03, 0.06)
"""Share of requests of no kind that has a pool, of expatriates, accessible requests and conscripts."""
_ENROLMENT: Final = POOLS.index("enrolment")
_WISHES_AT_A_TIME: Final = 1 << 17


@dataclass(frozen=True, eq=False)
class Window:
    """Days and band of n requests, int64 (n,) each: first … last, needed by, band (-1 = any)."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    needed_by: NDArray[np.int64]
    band: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Usable:
    """The pools of each request: the first ``count`` (n,) of its row in ``pool`` (n, k), rising.

    One row stands for all. ``pools``: how many there are.
    """

    pool: NDArray[np.int64]
    count: NDArray[np.int64]
    pools: int


ONE_POOL: Final = Usable(np.zeros((1, 1), np.int64), np.ones(1, np.int64), 1)


def pools_of_requests(random: np.random.Generator, *, first_passports: NDArray[np.bool_]) -> Usable:
    """Draw each request's kind: it may use the general pool, its own, and enrolment with a first passport."""
    n = first_passports.size
    kind = random.choice(len(KIND_SHARES), n, p=KIND_SHARES)
    general = np.zeros(n, np.int64)
    second = np.where(kind > 0, kind, _ENROLMENT)
    pool = np.stack([general, second, np.full(n, _ENROLMENT)], 1)
    return Usable(pool, 1 + (kind > 0) + first_passports.astype(np.int64), len(POOLS))


def split_into_pools(places: NDArray[np.int32], at_home: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Split each bin's places into POOLS, rounded down; the general pool has the rest; int32 (m · pools,)."""
    share = np.tile(np.array(RESERVED), (places.size, 1))
    share[~at_home, POOLS.index("expatriate") - 1] = 0
    reserved = np.floor(places[:, None] * share)
    return np.column_stack((places - reserved.sum(1), reserved)).astype(np.int32).ravel()


def pair_columns(
    wanted: NDArray[np.int64], count: NDArray[np.int64], window: Window, usable: Usable, *, days: int, bands: int
) -> dict[str, NDArray[Any]]:
    """Return the pair columns of a problem whose bins are office × day × band × pool, sorted by request and bin.

    ``wanted``: int64 (n, 3), offices by rank, of which the first ``count`` (n,) count. An office that is there twice
    keeps its better rank. A pair's cost is its day.
    """
    n = count.size
    used = np.arange(3) < count[:, None]
    used[:, 1] &= wanted[:, 1] != wanted[:, 0]
    used[:, 2] &= (wanted[:, 2] != wanted[:, 0]) & (wanted[:, 2] != wanted[:, 1])
    by_office = np.argsort(wanted, axis=1, kind="stable")
    used = np.take_along_axis(used, by_office, 1)
    office, rank = np.take_along_axis(wanted, by_office, 1)[used], by_office[used]
    request = np.repeat(np.arange(n), 3)[used.ravel()]

    parts = np.where(window.band < 0, bands, 1)
    pools = np.broadcast_to(usable.count, n)
    each = ((window.last - window.first + 1) * parts * pools)[request]
    ends = np.cumsum(each)
    total = int(each.sum())
    result: dict[str, NDArray[Any]] = {
        "pair_request": np.empty(total, np.int32),
        "pair_bin": np.empty(total, np.int32),
        "pair_rank": np.empty(total, np.int8),
        "pair_late": np.empty(total, np.bool_),
        "pair_cost": np.empty(total, np.int16),
    }
    for begin in range(0, request.size, _WISHES_AT_A_TIME):
        piece = slice(begin, begin + _WISHES_AT_A_TIME)
        wish = np.repeat(np.arange(request.size)[piece], each[piece])
        start = int(ends[begin] - each[begin])
        row = request[wish]
        rest = np.arange(start, start + wish.size) - (ends - each)[wish]
        rest, pool = np.divmod(rest, pools[row])
        rest, part = np.divmod(rest, parts[row])
        day = window.first[row] + rest
        part = np.where(window.band[row] < 0, part, window.band[row])
        pool = usable.pool[row if usable.pool.shape[0] == n else 0, pool]
        place = ((office[wish] * days + day) * bands + part) * usable.pools + pool
        target = slice(start, start + wish.size)
        result["pair_request"][target], result["pair_bin"][target] = row, place
        result["pair_rank"][target], result["pair_cost"][target] = rank[wish], day
        result["pair_late"][target] = day > window.needed_by[row]
    return result
