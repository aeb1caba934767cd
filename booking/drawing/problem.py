"""From frozen requests and bins to the allocation problem, with whole columns."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import Problem, lottery
from booking.drawing.files import Bin, Leaf
from booking.states import Pool

HIGHEST_TIER: Final = 15
"""Draws lost count in the line without limit; as a weight for parties only this many, or weights overflow."""

COST_OF_DAY: Final = 32
COST_OF_BAND: Final = 2
_CHUNK: Final = 1 << 15


def line_order(leaves: Sequence[Leaf], seed: bytes, root: bytes) -> NDArray[np.int32]:
    """Position in line of each request: more lost draws first, then the person's lottery number.

    Requests of one person share the number; among them the receipt decides.
    """
    numbers: dict[bytes, bytes] = {}
    for leaf in leaves:
        if leaf.person not in numbers:
            numbers[leaf.person] = lottery.lottery_number(seed, root, leaf.person)
    return lottery.line_order(
        [leaf.priority for leaf in leaves],
        [numbers[leaf.person] for leaf in leaves],
        [leaf.person + leaf.receipt for leaf in leaves],
    )


def build_problem(leaves: Sequence[Leaf], bins: Sequence[Bin], order: NDArray[np.int32]) -> Problem:
    """Say which bins each request accepts, and how gladly.

    A bin is acceptable where its office is one of the ranked ones, and its day (in the window, on a wished weekday,
    not after the needed-by date) and band too. Places of the accessible pool, and only offices that are
    accessible, are for requests that ask for accessibility. Rank is the office's; inside it an earlier day is
    better, then an earlier band, then (for those who may use it) the accessible pool.
    """
    table = _BinColumns(bins)
    wishes = _WishColumns(leaves, table.offices, table.bands)
    chunks = list(_acceptable(wishes, table))
    request, column, rank, cost = (
        np.concatenate([np.empty(0, np.int64), *(chunk[part] for chunk in chunks)]) for part in range(4)
    )
    return Problem(
        pair_request=request,
        pair_bin=column,
        pair_rank=rank,
        pair_cost=cost,
        party=wishes.party,
        units=wishes.units,
        tier=np.minimum(wishes.priority, HIGHEST_TIER).astype(np.int16),
        order=order,
        places=table.places,
    )


class _BinColumns:
    """The bins as columns, sorted by office through ``by_office``."""

    def __init__(self, bins: Sequence[Bin]) -> None:
        self.offices = {code: number for number, code in enumerate(sorted({each.office for each in bins}))}
        self.bands = {code: number for number, code in enumerate(sorted({each.band for each in bins}))}
        self.office = _column((self.offices[each.office] for each in bins), np.int64)
        self.day = _column((each.day.toordinal() for each in bins), np.int64)
        self.weekday = (self.day - 1) % 7  # the ordinal of a Monday is 1 modulo 7
        self.band = _column((self.bands[each.band] for each in bins), np.int64)
        self.reserved = _column((each.pool is Pool.ACCESSIBLE for each in bins), np.bool_)
        self.accessible = _column((each.accessible for each in bins), np.bool_)
        self.places = _column((each.places for each in bins), np.int32)
        self.turn = _turn_in_day(bins)
        self.by_office = np.argsort(self.office, kind="stable")
        counts = np.bincount(self.office, minlength=len(self.offices))
        self.count = counts
        self.start = np.cumsum(counts) - counts


class _WishColumns:
    """The wishes as columns, and one row for each ranked office that has bins."""

    def __init__(self, leaves: Sequence[Leaf], offices: dict[str, int], bands: dict[str, int]) -> None:
        wishes = [leaf.wish for leaf in leaves]
        self.party = _column((wish.party for wish in wishes), np.int8)
        self.units = _column((wish.units for wish in wishes), np.int16)
        self.priority = _column((leaf.priority for leaf in leaves), np.int64)
        self.first = _column((wish.first_day.toordinal() for wish in wishes), np.int64)
        self.last = _column((_last_day(wish.last_day, wish.needed_by) for wish in wishes), np.int64)
        self.weekdays = _column((wish.weekdays for wish in wishes), np.int64)
        self.bands = _column(
            (sum(1 << bands[band] for band in wish.bands if band in bands) for wish in wishes), np.int64
        )
        self.accessible = _column((wish.accessible for wish in wishes), np.bool_)
        ranked = [
            (row, offices[code], rank)
            for row, wish in enumerate(wishes)
            for rank, code in enumerate(wish.offices)
            if code in offices
        ]
        self.row, self.office, self.rank = np.array(ranked, np.int64).reshape(-1, 3).T


def _acceptable(
    wishes: _WishColumns, table: _BinColumns
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Give request, bin, rank and cost of acceptable pairs, some thousands of ranked offices at a time."""
    horizon = int(table.day.min(initial=np.iinfo(np.int64).max))
    for begin in range(0, wishes.row.size, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        counts = table.count[wishes.office[part]]
        ends = np.cumsum(counts)
        within = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
        column = table.by_office[np.repeat(table.start[wishes.office[part]], counts) + within]
        row = np.repeat(wishes.row[part], counts)
        day = table.day[column]
        asks = wishes.accessible[row]
        good = (
            (day >= wishes.first[row])
            & (day <= wishes.last[row])
            & ((wishes.weekdays[row] >> table.weekday[column]) & 1 == 1)
            & ((wishes.bands[row] >> table.band[column]) & 1 == 1)
            & np.where(asks, table.accessible[column], ~table.reserved[column])
        )
        row, column = row[good], column[good]
        days = table.day[column] - np.maximum(wishes.first[row], horizon)
        general = wishes.accessible[row] & ~table.reserved[column]
        cost = days * COST_OF_DAY + np.minimum(table.turn[column], 15) * COST_OF_BAND + general
        yield row, column, np.repeat(wishes.rank[part], counts)[good], cost


def _turn_in_day(bins: Sequence[Bin]) -> NDArray[np.int64]:
    """Count the bands of each office-day in time, from 0, by their first free slot."""
    starts: dict[tuple[str, date, str], Any] = {}
    for each in bins:
        key = (each.office, each.day, each.band)
        starts[key] = min(starts.get(key, each.starts_at), each.starts_at)
    turn: dict[tuple[str, date, str], int] = {}
    seen: dict[tuple[str, date], int] = {}
    for office, day, band in sorted(starts, key=lambda key: (*key[:2], starts[key], key[2])):
        turn[office, day, band] = seen.get((office, day), 0)
        seen[office, day] = turn[office, day, band] + 1
    return _column((turn[each.office, each.day, each.band] for each in bins), np.int64)


def _last_day(last_day: date | None, needed_by: date | None) -> int:
    return min(last_day or date.max, needed_by or date.max).toordinal()


def _column(values: Iterator[Any], dtype: Any) -> NDArray[Any]:
    return np.array(list(values), dtype)
