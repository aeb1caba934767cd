"""The frames of who asks for what, read into columns of codes."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocation import columns
from allocation.building.acceptable import Asked, Offered, Wishes
from allocation.building.bins import GENERAL, Bins
from allocation.building.frames import Table, codes_of, sorted_labels

EVERY_WEEKDAY: Final = 0b1111111
EVERY_BAND: Final = -1
_NEVER: Final = 1 << 40
"""A day after every other; its negative, one before every other."""
_SMALL: Final = int(np.iinfo(np.int16).max)
_LARGEST: Final = int(np.iinfo(np.int64).max)
_LAST_RANK: Final = int(np.iinfo(np.int8).max)
_OPTIONAL: Final = (
    "request",
    "units",
    "first_day",
    "last_day",
    "weekdays",
    "bands",
    "needed_by",
    "kind",
    "accessible",
    "tier",
    "position",
    "compensation",
)


def requests_table(frame: pd.DataFrame) -> Table:
    """Name the frame of requests and check which columns it has."""
    return Table("requests", frame, ("party",), _OPTIONAL)


def labels_of(requests: Table) -> "pd.Index[Any]":
    """Return the requests' labels, or their rows; ValueError where one repeats."""
    if not requests.has("request"):
        return pd.RangeIndex(requests.rows)
    series = requests.labels("request")
    requests.refuse("request", series.duplicated().to_numpy(), "as an earlier row")
    labels: pd.Index[Any] = pd.Index(series)
    return labels


def line_of(requests: Table, tier: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position in line, int64 (n,): higher tier first, then lower ``position``, by default the row."""
    position = requests.integers("position", -_LARGEST, _LARGEST, default=np.arange(requests.rows))
    requests.distinct("position", tier, position)
    order = np.empty(requests.rows, np.int64)
    order[np.lexsort((position, -tier))] = np.arange(requests.rows)
    return order


def read_requests(
    requests: Table, bins: Bins, kinds: "pd.Index[Any]", party: NDArray[np.int64], *, strict: bool
) -> Asked:
    """Read what each request accepts; with ``strict`` no day after ``needed_by``."""
    days = {}
    for column, missing in (("first_day", -_NEVER), ("last_day", _NEVER), ("needed_by", _NEVER)):
        days[column], dates = requests.days(column, missing=missing)
        if bins.labels.dates is not None and dates is not None and dates is not bins.labels.dates:
            raise ValueError(f"requests: {column}: dates and numbers of days are mixed with those of the places")
    if strict:
        days["last_day"] = np.minimum(days["last_day"], days["needed_by"])
    kind = np.zeros(requests.rows, np.int64)
    if requests.has("kind"):
        kind = codes_of(requests.labels("kind", missing=True), kinds) + 1
    bands = np.full(requests.rows, EVERY_BAND, np.int64)
    if requests.has("bands"):
        bands = _bits(requests.labels("bands", missing=True), bins.labels.bands)
    return Asked(
        first=days["first_day"],
        last=days["last_day"],
        needed_by=days["needed_by"],
        weekdays=requests.integers("weekdays", 0, EVERY_WEEKDAY, default=EVERY_WEEKDAY),
        bands=bands,
        kind=kind,
        units=requests.integers("units", 1, _SMALL, default=party),
        accessible=requests.flags("accessible", default=False),
    )


def read_wishes(frame: pd.DataFrame, requests: "pd.Index[Any]", offices: "pd.Index[Any]") -> Wishes:
    """Read who accepts which office, sorted by request and office; ValueError where a pair of them repeats."""
    table = Table("wishes", frame, ("request", "office", "rank"))
    request = table.codes("request", table.labels("request"), requests, "request")
    office = table.codes("office", table.labels("office"), offices, "office")
    rank = table.integers("rank", 0, _LAST_RANK)
    table.distinct("office", request, office)
    rows = np.lexsort((office, request))
    return Wishes(columns.starts(np.bincount(request, minlength=requests.size)), office[rows], rank[rows])


def read_offices(frame: pd.DataFrame) -> tuple["pd.Index[Any]", NDArray[np.bool_]]:
    """Read the offices, sorted, and which of them are accessible."""
    table = Table("offices", frame, ("office",), ("accessible",))
    labels = table.labels("office")
    table.refuse("office", labels.duplicated().to_numpy(), "as an earlier row")
    known = sorted_labels(labels)
    accessible = np.empty(table.rows, np.bool_)
    accessible[codes_of(labels, known)] = table.flags("accessible", default=True)
    return known, accessible


def read_pools(frame: pd.DataFrame | None, pools: "pd.Index[Any]") -> tuple["pd.Index[Any]", NDArray[np.int64]]:
    """Read which kinds may use which pool.

    Returns
    -------
    tuple
        The kinds that have rows of their own, and int64 (kinds + 1, pools): the cost of a pool for each kind, for all
        other kinds first; -1 where it is closed.
    """
    if frame is None:
        frame = pd.DataFrame({"pool": [], "kind": []}, dtype=object)
    table = Table("pools", frame, ("pool", "kind"), ("cost",))
    kind, pool = table.labels("kind", missing=True), table.labels("pool")
    kinds = sorted_labels(kind)
    named = sorted_labels(pool)
    row, column, cost = codes_of(kind, kinds) + 1, codes_of(pool, pools), table.integers("cost", 0, 1, default=0)
    table.distinct("pool", codes_of(pool, named), row)
    closed = [label for label in pools.difference(named) if label != GENERAL]
    if closed:
        raise ValueError(f"pools: no row for {closed[0]!r}, which has places")
    costs = np.full((kinds.size + 1, pools.size), -1, np.int64)
    if GENERAL in pools and GENERAL not in named:
        costs[:, pools.get_loc(GENERAL)] = 0
    everyone, one_kind = (row == 0) & (column >= 0), (row > 0) & (column >= 0)
    costs[:, column[everyone]] = cost[everyone]
    costs[row[one_kind], column[one_kind]] = cost[one_kind]
    return kinds, costs


def offered(bins: Bins, accessible: NDArray[np.bool_], pool_cost: NDArray[np.int64]) -> Offered:
    """Sort the bins by office and day, for the search."""
    rows = np.lexsort((bins.day, bins.office))  # keeps the bins' own order within an office-day
    return Offered(
        number=rows.astype(np.int64),
        office=bins.office[rows],
        day=bins.day[rows],
        weekday=1 << ((bins.day[rows] + 3) % 7),  # 1970-01-01 was a Thursday
        band=1 << bins.band[rows],
        turn=bins.turn[rows],
        pool=bins.pool[rows],
        places=bins.places[rows],
        accessible=accessible[bins.office[rows]],
        pool_cost=pool_cost,
    )


def _bits(texts: "pd.Series[Any]", bands: "pd.Index[Any]") -> NDArray[np.int64]:
    """Bits of the bands that each text names, int64 (n,); all where it is missing. Bands without places have no bit."""
    bit = {str(band): 1 << number for number, band in enumerate(bands)}
    number, distinct = pd.factorize(texts)
    masks = [sum(bit.get(name, 0) for name in {part.strip() for part in str(text).split(",")}) for text in distinct]
    return np.array([*masks, EVERY_BAND], np.int64)[number]
