"""What capacities can serve at most, if units may split, and the cut that proves it: max-flow, min-cut."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow

from allocation.problem import Problem

HUNDREDTHS: Final = 100
"""Capacities and units are counted in hundredths, so that a share of a place counts too."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Who could be served where: requests that accept the same bins are one group.

    ``units``: int64 (g,), asked for by each group; ``start``: int64 (g + 1,), its first pair; ``bins``: int64 (p,);
    ``places``: number of bins, m. Requests that accept no bin are left out.
    """

    units: NDArray[np.int64]
    start: NDArray[np.int64]
    bins: NDArray[np.int64]
    places: int

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Group a problem's requests."""
        groups: dict[bytes, int] = {}
        starts = problem.first_pair.tolist()
        for first, last, units in zip(starts, starts[1:], problem.units.tolist(), strict=False):
            if last > first:
                key = problem.pair_bin[first:last].tobytes()
                groups[key] = groups.get(key, 0) + units
        accepted = [np.frombuffer(key, problem.pair_bin.dtype) for key in groups]
        lengths = np.array([each.size for each in accepted], np.int64)
        bins = np.concatenate(accepted) if accepted else np.empty(0)
        units = np.array(list(groups.values()), np.int64)
        return cls(units, np.concatenate(([0], np.cumsum(lengths))), bins.astype(np.int64), problem.bins)

    @property
    def total(self) -> int:
        """Units that are asked for."""
        return int(self.units.sum())


@dataclass(frozen=True, eq=False)
class Cut:
    """Bins that are full whatever one does; ``captive``: units of requests that accept no other.

    For any capacities c: no more can be served than c summed over ``closed``, and all units that are not captive.
    ``served`` is what the capacities that the cut comes from serve, in hundredths of a unit.
    """

    closed: NDArray[np.bool_]
    captive: int
    served: int


def cut_of(demand: Demand, places: NDArray[np.int64], asking: int = HUNDREDTHS) -> Cut:
    """Serve as many units as there can be, and find a smallest cut (Ford and Fulkerson 1956).

    Parameters
    ----------
    demand
        g groups, m bins.
    places
        int64 (m,), capacities in hundredths of a unit.
    asking
        Hundredths of each unit that are asked for; below 100, everybody asks for that share of what they need.
    """
    groups, bins = demand.units.size, demand.places
    if not groups:
        return Cut(np.zeros(bins, np.bool_), 0, 0)
    source, sink = groups + bins, groups + bins + 1
    asked = demand.units * asking
    flow = max_flow.SimpleMaxFlow()
    row = np.repeat(np.arange(groups), np.diff(demand.start))
    flow.add_arcs_with_capacity(np.full(groups, source), np.arange(groups), asked)
    flow.add_arcs_with_capacity(row, groups + demand.bins, asked[row])
    flow.add_arcs_with_capacity(groups + np.arange(bins), np.full(bins, sink), places)
    if flow.solve(source, sink) != flow.OPTIMAL:
        raise ArithmeticError("the flow was not found: the numbers are too large")
    reached = np.zeros(groups + bins + 2, np.bool_)
    reached[flow.get_source_side_min_cut()] = True
    captive = int(demand.units[reached[:groups]].sum())
    return Cut(reached[groups : groups + bins], captive, int(flow.optimal_flow()))


def least_chance(demand: Demand, places: NDArray[np.int64]) -> tuple[int, Cut]:
    """Return the most hundredths of their units that *everybody* can be given at once, and the cut that allows no more.

    Notes
    -----
    It is the least of c(S) / d(S) over sets of bins S, where d(S) are the units that accept nothing outside S. Each
    share that cannot be met has a cut, and the cut a lower share: Newton's method (Dinkelbach 1967) ends after a few.
    """
    share = HUNDREDTHS
    cut = cut_of(demand, places, share)
    while cut.served < demand.total * share:
        lower = int(places[cut.closed].sum()) // cut.captive
        if lower >= share:
            break
        share, further = lower, cut_of(demand, places, lower)
        if further.served >= demand.total * share:
            break
        cut = further
    return share, cut
