"""Who shares devices and phones, and how much each sharing says: the edges between accounts and what they share.

A shared identifier says the more, the fewer share it and the closer in time they do: two accounts that used a phone
within an hour have more to do with each other than those who bought it from one another in spring. Networks join
nobody: a mobile operator, a school or a camp is one address for thousands of strangers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HUB_FROM: Final[Mapping[str, int]] = MappingProxyType({"device": 51, "phone": 1_001})
"""Accounts on one identifier from which it joins nobody.

A device of a library or a kiosk serves a whole town. Each account has answered a code to its phone: whoever has
hundreds of them on one phone holds it in their hand.
"""
APART_DAYS: Final = 14.0
"""Days without use between two accounts on one identifier after which their edges weigh a third (1/e)."""
LEAST_TOGETHER: Final = 0.05
"""What is left of an edge's weight however long the identifier lay unused between its accounts."""
DAY: Final = 86_400.0
_EMPTY: Final = frozenset({"", b""})

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shared:
    """Accounts on identifiers that two or more of them share, each pair of both once.

    Parameters
    ----------
    account, identifier
        Numbers from 0 of the two ends, int64 (e,); identifiers of all kinds are numbered together.
    bookings
        Bookings of the account with the identifier, int64 (e,).
    first, last
        When the account used the identifier, in seconds, float64 (e,).
    accounts
        The accounts that the numbers stand for.
    kinds, identifiers
        Of each identifier by its number: its kind ("device", "phone") and its value.
    """

    account: Ints
    identifier: Ints
    bookings: Ints
    first: Floats
    last: Floats
    accounts: "pd.Index[Any]"
    kinds: NDArray[np.str_]
    identifiers: NDArray[np.object_]


def sharing(bookings: pd.DataFrame, *, hub_from: Mapping[str, int] = HUB_FROM) -> Shared:
    """Find what accounts share.

    Parameters
    ----------
    bookings
        One row a booking: ``account``, ``device``, ``phone`` (any values that can be compared; None or "" (b"") where
        unknown) and ``at``, seconds since any instant.
    hub_from
        See HUB_FROM.
    """
    account, accounts = pd.factorize(bookings["account"])
    at = bookings["at"].to_numpy(np.float64)
    parts = [_of_kind(account, at, bookings[kind], kind, hub) for kind, hub in hub_from.items()]
    offsets = np.cumsum([0, *(len(part.identifiers) for part in parts)])
    return Shared(
        account=np.concatenate([part.account for part in parts]),
        identifier=np.concatenate([part.identifier + start for part, start in zip(parts, offsets, strict=False)]),
        bookings=np.concatenate([part.bookings for part in parts]),
        first=np.concatenate([part.first for part in parts]),
        last=np.concatenate([part.last for part in parts]),
        accounts=accounts,
        kinds=np.concatenate([part.kinds for part in parts]),
        identifiers=np.concatenate([part.identifiers for part in parts]),
    )


def weights_of(shared: Shared, edges: Ints) -> Floats:
    """Return how much each of some edges says, float64 (k,), above 0 and at most 1.

    Parameters
    ----------
    edges
        Edges, int64 (k,): of an identifier all, or none.
    """
    identifier = shared.identifier[edges]
    rarity = _rarity(np.bincount(identifier)[identifier], len(shared.accounts))
    together = np.exp(-_days_apart(identifier, shared.first[edges], shared.last[edges]) / APART_DAYS)
    return rarity * np.maximum(together, LEAST_TOGETHER)


def is_known(column: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Return which values of a column say something: neither missing nor empty."""
    codes, values = pd.factorize(column)
    return (codes >= 0) & _says_something(values)[codes]


def _says_something(values: Any) -> NDArray[np.bool_]:
    """Return for each of some distinct values whether it is not empty, and at the end False, for what is missing."""
    if pd.api.types.is_numeric_dtype(values):
        return np.arange(len(values) + 1) < len(values)
    return np.array([*(value not in _EMPTY for value in values), False], np.bool_)


def _of_kind(account: Ints, at: Floats, column: "pd.Series[Any]", kind: str, hub_from: int) -> Shared:
    codes, values = pd.factorize(column)
    rows = np.flatnonzero(_says_something(values)[codes])
    # First those on whose identifier a second account was: all that follows is about a small part of a nation.
    rows = rows[_has_two(codes[rows], account[rows], len(values))]
    # One number for both ends sorts faster than two columns.
    both = codes[rows].astype(np.int64) * (int(account.max(initial=0)) + 1) + account[rows]
    order = np.argsort(both, kind="stable")
    both, order = both[order], rows[order]
    starts = np.flatnonzero(np.r_[True, both[1:] != both[:-1]]) if len(both) else np.empty(0, np.int64)
    edge_code, edge_account = codes[order][starts].astype(np.int64), account[order][starts].astype(np.int64)
    bookings = np.diff(np.r_[starts, len(order)]).astype(np.int64)
    used = at[order]
    first, last = (each.reduceat(used, starts) if len(starts) else used for each in (np.minimum, np.maximum))
    on_it = np.bincount(edge_code, minlength=len(values))
    kept = on_it[edge_code] < hub_from
    edge_code = edge_code[kept]
    numbers, identifier = np.unique(edge_code, return_inverse=True)
    return Shared(
        account=edge_account[kept],
        identifier=identifier.astype(np.int64),
        bookings=bookings[kept],
        first=first[kept],
        last=last[kept],
        accounts=pd.Index([]),
        kinds=np.full(len(numbers), kind),
        identifiers=np.asarray(values[numbers], dtype=object),
    )


def _has_two(codes: Ints, account: Ints, size: int) -> NDArray[np.bool_]:
    """Return which rows have a code on which there are two accounts or more."""
    lowest = np.full(size, np.iinfo(np.int64).max)
    highest = np.full(size, -1)
    np.minimum.at(lowest, codes, account)
    np.maximum.at(highest, codes, account)
    return (lowest < highest)[codes]


def _rarity(on_it: Ints, accounts: int) -> Floats:
    """Return how unlikely it is that two of so many accounts meet on an identifier that so many share: 1 for a pair.

    The bits of that chance, log2(accounts / on it), as a share of what a pair has.
    """
    whole = np.log2(max(accounts, 3) / 2)
    return np.asarray(np.maximum(np.log2(np.maximum(accounts, 3) / on_it), 0.1) / whole, np.float64).clip(0.1, 1.0)


def _days_apart(code: Ints, first: Floats, last: Floats) -> Floats:
    """Return for each edge the days between its use and the nearest use by another account of the same identifier."""
    order = np.lexsort((first, code))
    code, first, last = code[order], first[order], last[order]
    new = np.r_[True, code[1:] != code[:-1]] if len(code) else np.empty(0, np.bool_)
    # The latest use by those before, within each identifier: a running maximum that begins anew with each.
    group = np.cumsum(new) - 1
    span = float(last.max(initial=0.0) - first.min(initial=0.0)) + 1.0
    lift = group * span
    before = np.maximum.accumulate(last + lift) - lift if len(code) else last
    gap = np.full(len(code), np.inf)
    gap[1:] = np.where(new[1:], np.inf, np.maximum(first[1:] - before[:-1], 0.0))
    to_next = np.r_[gap[1:], np.inf] if len(code) else gap
    nearest = np.empty(len(code))
    nearest[order] = np.minimum(gap, to_next) / DAY
    return nearest
