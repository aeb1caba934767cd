"""Accounts that belong together: communities among those whom shared devices and phones connect.

Whoever is connected at all is a component; a chain of chance (a phone sold on, a cousin, a customer of two shops)
makes one of a ring and of honest strangers. A *community* is a part of a component whose edges weigh more within it
than chance would have them (Leiden; Traag, Waltman, van Eck 2019), so a thin chain does not join what it touches.
"""

import random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from fraud.rings.shared import Floats, Ints, Shared

RESOLUTION: Final = 0.08
"""How readily a component is parted: at 1 a ring on four devices becomes four, at 0 nothing is parted."""


def components(shared: Shared) -> Ints:
    """Return for each edge the number of its component, int64 (e,)."""
    accounts, identifiers = len(shared.accounts), len(shared.kinds)
    size = accounts + identifiers
    ends = (shared.account, shared.identifier + accounts)
    graph = coo_matrix((np.ones(len(ends[0]), np.int8), ends), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][shared.account], np.int64)


def communities(
    shared: Shared, edges: Ints, component: Ints, weight: Floats, *, resolution: float = RESOLUTION
) -> tuple[Ints, Ints]:
    """Part components into communities.

    Parameters
    ----------
    shared
        Who shares what.
    edges
        The edges of the components that matter, int64 (k,).
    component, weight
        The component of each of them, int64 (k,), and how much it says, float64 (k,).
    resolution
        See RESOLUTION.

    Returns
    -------
    tuple of ndarray
        Of each edge the community of its account and of its identifier, int64 (k,) both; an edge whose two differ runs
        between communities. Equal edges give equal communities.
    """
    if not len(edges):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    import igraph  # noqa: PLC0415 - loads a graph library that web processes never need

    # Numbered by their values, not by who came first: the order in which nodes are tried decides between equal
    # partings.
    account = _by_value(shared.account[edges], np.asarray(shared.accounts))
    identifier = _by_value(shared.identifier[edges], shared.identifiers, shared.kinds) + account.max() + 1
    order = np.lexsort((identifier, account))
    component, weight, account, identifier = component[order], weight[order], account[order], identifier[order]
    strength = np.bincount(account, weight, identifier.max() + 1) + np.bincount(identifier, weight)
    # Modularity of each component by itself, all in one call: what a community weighs is measured by its component
    # alone, so a ring is parted in the same way however many other people ask.
    _, whose = np.unique(component, return_inverse=True)
    of_node = np.zeros(len(strength), np.int64)
    of_node[account], of_node[identifier] = whose, whose
    whole = np.bincount(whose, weight) * 2
    graph: Any = igraph.Graph(n=len(strength), edges=np.column_stack([account, identifier]))
    igraph.set_random_number_generator(random.Random(1))  # noqa: S311 - the order in which nodes are tried
    parted = graph.community_leiden(
        objective_function="CPM",
        weights=weight,
        resolution=resolution,
        node_weights=strength / np.sqrt(whole[of_node]),
        n_iterations=-1,
    )
    membership = np.asarray(parted.membership, np.int64)
    of_account, of_identifier = np.empty_like(account), np.empty_like(identifier)
    of_account[order], of_identifier[order] = membership[account], membership[identifier]
    return of_account, of_identifier


def _by_value(numbers: Ints, values: NDArray[Any], kinds: NDArray[np.str_] | None = None) -> Ints:
    """Return other numbers for what occurs: from 0, in the order of values, one kind after the other."""
    found, place = np.unique(numbers, return_inverse=True)
    new = np.empty(len(found), np.int64)
    of_kind = np.zeros(len(found), np.int64) if kinds is None else np.unique(kinds[found], return_inverse=True)[1]
    start = 0
    for kind in np.unique(of_kind):
        rows = np.flatnonzero(of_kind == kind)
        new[rows[np.argsort(values[found[rows]], kind="stable")]] = start + np.arange(len(rows))
        start += len(rows)
    return new[place]
