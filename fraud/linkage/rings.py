"""Accounts that belong together: joined by the devices and phones they share, found by union-find.

Networks join nobody: a mobile operator, a school or a camp is one address for thousands of strangers, and edges over
addresses put nearly everyone into one component (`benchmarks/rings.py`).

Three things keep honest people out. An identifier that very many accounts share (a kiosk, a library, a family's old
phone number given to a new owner) joins nobody: it is a *hub*. Chains of chance (a device sold on, a phone passed to a
cousin) join two accounts at a time, a ring shares few devices among many: a ring's identifiers are shared by several
accounts each. And a family is one account, or two or three: a ring has many.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.linkage.compiled import compiled

HUB_FROM: Final = 51
"""Accounts on one identifier from which it joins nobody."""
FEWEST_ACCOUNTS: Final = 8
"""Accounts of the smallest ring: more than a large family and its neighbours have on one phone."""
FEWEST_SHARING: Final = 3.0
"""Accounts on a ring's identifier, on average: above what households (two parents) and chains of chance reach."""
IDENTIFIERS: Final = ("device", "phone")

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rings:
    """What was found.

    Parameters
    ----------
    rings
        One row a ring, the largest first; its index is the ring's number. ``accounts``, ``bookings``: int64;
        ``identifiers``: int64, devices and phones that two or more of its accounts share; ``sharing``: float64,
        accounts on one of these on average.
    members
        One row an account in a ring: ``ring``, ``account``, ``bookings``.
    links
        One row an account on a shared identifier: ``ring``, ``account``, ``kind`` ("device" or "phone"),
        ``identifier``, ``bookings``.
    """

    rings: pd.DataFrame
    members: pd.DataFrame
    links: pd.DataFrame


def find_rings(
    bookings: pd.DataFrame,
    *,
    hub_from: int = HUB_FROM,
    fewest_accounts: int = FEWEST_ACCOUNTS,
    fewest_sharing: float = FEWEST_SHARING,
) -> Rings:
    """Find the rings in a period's bookings.

    Parameters
    ----------
    bookings
        One row a booking: ``account``, ``device``, ``phone``: any values that can be compared; None or "" (b"") where
        unknown. Leave out the bookings of registered helpers: they serve many people on few devices on purpose.
    hub_from, fewest_accounts, fewest_sharing
        See HUB_FROM, FEWEST_ACCOUNTS and FEWEST_SHARING.
    """
    account, accounts = pd.factorize(bookings["account"])
    edges = [_edges(account, bookings[kind], hub_from) for kind in IDENTIFIERS]
    component = np.arange(len(accounts), dtype=np.int64)
    offset = len(accounts)
    joined = []
    for edge in edges:
        joined.append((edge.account, edge.identifier + offset))
        offset += len(edge.identifiers)
    component = components(
        offset, np.concatenate([one for one, _ in joined]), np.concatenate([other for _, other in joined])
    )[: len(accounts)]

    sizes = np.bincount(component, minlength=offset)
    links = pd.concat(
        [_links(edge, kind, component, accounts) for kind, edge in zip(IDENTIFIERS, edges, strict=True)],
        ignore_index=True,
    )
    shared = links.groupby(["component", "kind", "identifier"], sort=False).size()
    sharing = shared.groupby("component").agg(["size", "mean"])
    large = sharing[(sizes[sharing.index] >= fewest_accounts) & (sharing["mean"] >= fewest_sharing)]

    bookings_of = np.bincount(account, minlength=len(accounts))
    rings = pd.DataFrame(
        {
            "accounts": sizes[large.index],
            "bookings": np.bincount(component, bookings_of, offset)[large.index].astype(np.int64),
            "identifiers": large["size"].to_numpy(np.int64),
            "sharing": large["mean"].to_numpy(float),
        },
        index=large.index,
    )
    rings = rings.sort_values(["accounts", "bookings"], ascending=False, kind="stable")
    number = pd.Series(np.arange(len(rings)), index=rings.index)
    inside = np.flatnonzero(np.isin(component, rings.index))
    members = pd.DataFrame(
        {
            "ring": number[component[inside]].to_numpy(),
            "account": accounts[inside],
            "bookings": bookings_of[inside],
        }
    ).sort_values("ring", kind="stable", ignore_index=True)
    links = links[links["component"].isin(rings.index)]
    links.insert(0, "ring", number[links["component"]].to_numpy())
    links = links.drop(columns="component").sort_values("ring", kind="stable", ignore_index=True)
    return Rings(rings.reset_index(drop=True), members, links)


def components(nodes: int, one: Ints, other: Ints) -> Ints:
    """Join nodes by edges; return the smallest node that each is joined to, int64 (nodes,).

    Parameters
    ----------
    nodes
        How many; they are numbered from 0.
    one, other
        The two ends of each edge, int64 (e,).

    Raises
    ------
    ValueError
        An edge's end is not a node.

    Notes
    -----
    Union-find with path halving (Tarjan, van Leeuwen 1984).
    """
    if len(one) and (min(one.min(), other.min()) < 0 or max(one.max(), other.max()) >= nodes):
        raise ValueError(f"an edge ends outside the {nodes} nodes")
    return _components(nodes, one.astype(np.int64), other.astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Accounts on identifiers that two or more share, each once: rows of both, and the bookings they have in common."""

    account: Ints
    identifier: Ints
    bookings: Ints
    identifiers: "pd.Index[str]"


def _edges(account: Ints, column: "pd.Series[str]", hub_from: int) -> _Edges:
    codes, values = pd.factorize(column)
    known = codes >= 0
    if values.dtype == object:
        known &= np.array([*(len(value) > 0 for value in values), False], np.bool_)[codes]
    pairs, bookings = np.unique(account[known] * np.int64(len(values) + 1) + codes[known], return_counts=True)
    one, other = np.divmod(pairs, len(values) + 1)
    accounts_on = np.bincount(other, minlength=len(values) + 1)[other]
    kept = (accounts_on > 1) & (accounts_on < hub_from)
    return _Edges(one[kept], other[kept], bookings[kept].astype(np.int64), values)


def _links(edge: _Edges, kind: str, component: Ints, accounts: "pd.Index[str]") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "component": component[edge.account],
            "account": accounts[edge.account],
            "kind": kind,
            "identifier": edge.identifiers[edge.identifier].astype(object),
            "bookings": edge.bookings,
        }
    )


@compiled
def _components(nodes: int, one: Ints, other: Ints) -> Ints:
    parent = np.arange(nodes)
    for edge in range(len(one)):
        a, b = one[edge], other[edge]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b:
            parent[max(a, b)] = min(a, b)
    for node in range(nodes):  # a parent is never larger than its node, so it is final already
        parent[node] = parent[parent[node]]
    return parent
