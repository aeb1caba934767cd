"""Synthetic countries of any size, for benchmarks, tests and notebooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.problem import Problem

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


PARTY_SHARES: Final = (0.45, 0.25, 0.16, 0.09, 0.05)
"""Of the parties, how many have 2, 3, 4, 5 and 6 people."""
LARGER_PARTY_SHARES: Final = (16 / 45, 11 / 45, 9 / 45, 6 / 45, 3 / 45)
"""With ``parties=0.45``, of all requests: 0.55 of one person, then 0.16, 0.11, 0.09, 0.06 and 0.03."""
FIRST_PASSPORT_CHANCES: Final = (0.1, 0.4, 0.9)
FIRST_PASSPORT_SHARES: Final = (0.5, 0.3, 0.2)
"""Half of the requests are mostly renewals, a fifth mostly first passports: a person's chance to need two units."""
ANY_BAND, IN_A_HURRY = 0.5, 0.3
"""Share of requests that can come at any time of day, and that have a needed-by date."""


def country(
    requests: int,
    *,
    seed: int,
    demand: float = 2.0,
    parties: float = 0.3,
    party_shares: Sequence[float] = PARTY_SHARES,
    long_service: float = 0.0,
    mixed_durations: bool = False,
    home_offices: int = 14,
    consulates: int = 30,
    days: int = 20,
    bands: int = 2,
    pools: bool = False,
    patience: int = 1,
    tiers: int = 1,
) -> Problem:
    """Draw a country's requests over office × day × band bins.

    Parameters
    ----------
    requests
        How many.
    seed
        Everything depends on it alone.
    demand
        Units asked for, as a multiple of the places.
    parties, party_shares
        Share of requests with 2 to 6 people, and how these divide into 2, 3, 4, 5 and 6.
    long_service, mixed_durations
        Share of requests whose service takes two units a person instead of one. Or instead, each person needs two
        with a chance that differs from request to request (FIRST_PASSPORT_CHANCES).
    home_offices, consulates
        Nine in ten people ask at home offices, near their own; the others at consulates of their region (five
        each). Both are of very different sizes.
    days, bands, patience
        Bins of an office. People ask for one to three offices and 3 to 20 touching days, times the patience;
        half of them in any band, the others in one.
    pools
        Split each office, day and band into a bin for each of POOLS. A request may use the general one, the one of
        its kind, and the enrolment pool if somebody needs two units.
    tiers
        Priority tiers; each holds a third as many people as the one below it.
    """
    columns.within("requests", np.array([requests]), 0, columns.MAX_ROWS)
    random = np.random.default_rng(seed)
    extra = np.random.default_rng([seed, 1])  # options do not move the draws of everything else
    offices = home_offices + consulates
    size = random.lognormal(0, 0.8, offices)
    size[:home_offices] *= 9 / size[:home_offices].sum()
    size[home_offices:] *= 1 / max(1e-9, size[home_offices:].sum())
    own = random.choice(offices, requests, p=size / size.sum())
    wanted = np.stack(
        [own, _nearby(random, own, home_offices, offices), _nearby(random, own, home_offices, offices)], 1
    )
    count = random.choice([1, 2, 3], requests, p=[0.4, 0.35, 0.25])
    first = random.integers(0, days, requests)
    width = patience * random.choice([3, 5, 7, 10, 20], requests, p=[0.1, 0.2, 0.25, 0.25, 0.2])
    last = np.minimum(days, first + width) - 1
    band = np.where(random.random(requests) < ANY_BAND, -1, random.integers(0, bands, requests))

    party = np.where(random.random(requests) < parties, random.choice(np.arange(2, 7), requests, p=party_shares), 1)
    units = party * np.where(random.random(requests) < long_service, 2, 1)
    if mixed_durations:
        chance = extra.choice(FIRST_PASSPORT_CHANCES, requests, p=FIRST_PASSPORT_SHARES)
        units = party + extra.binomial(party, chance)
    needed_by = np.where(random.random(requests) < IN_A_HURRY, random.integers(min(3, days), days + 1, requests), days)
    tier = np.minimum(random.geometric(2 / 3, requests) - 1, tiers - 1)
    line = np.lexsort((random.random(requests), -tier))
    order = np.empty(requests, np.int32)
    order[line] = np.arange(requests, dtype=np.int32)
    mean = np.repeat(size / size.sum(), days * bands) * units.sum() / (demand * days * bands)
    places = np.rint(mean * random.uniform(0.6, 1.4, mean.size)).astype(np.int32)
    usable = ONE_POOL
    if pools:
        usable = pools_of_requests(extra, first_passports=units > party)
        places = split_into_pools(places, np.repeat(np.arange(offices) < home_offices, days * bands))
    return Problem(
        **pair_columns(wanted, count, Window(first, last, needed_by, band), usable, days=days, bands=bands),
        party=party.astype(np.int8),
        units=units.astype(np.int16),
        tier=tier.astype(np.int16),
        order=order,
        places=places,
    )


def _nearby(random: np.random.Generator, own: NDArray[np.int64], home_offices: int, offices: int) -> NDArray[np.int64]:
    """Another office of the same region: two steps around the country at home, five consulates abroad."""
    step = random.integers(1, 3, own.size)
    at_home = (own + step) % home_offices
    region = home_offices + (own - home_offices) // 5 * 5
    abroad = region + (own - region + step) % np.minimum(5, np.maximum(1, offices - region))
    return np.where(own < home_offices, at_home, abroad)
