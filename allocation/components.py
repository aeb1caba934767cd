"""Independent parts of a problem: bins that no request connects never compete."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line, as_asked, usable
from allocation.placing.placement import placement_steps
from allocation.problem import Problem


@dataclass(frozen=True, eq=False)
class Component:
    """A part in line order, with its bins in the whole problem, int64, rising."""

    line: Line
    bins: NDArray[np.int64]


def components(problem: Problem) -> list[Component]:
    """Split into connected parts, in the order of their first bin; requests that no bin takes are in none.

    Raises
    ------
    WeightsTooLargeError
        The weights or costs do not fit into 64 bits.
    """
    whole = as_asked(problem)
    label, first = _connected(whole.start, whole.bin, whole.units, whole.places)
    places = usable(whole)
    turns = np.empty(whole.requests, np.int64)
    turns[problem.order] = np.arange(whole.requests)
    turns = turns[first[turns] >= 0]
    bins_of, rows_of = _groups(label), _groups(label[first[turns]])
    parts = []
    for each, group in rows_of.items():
        bins = bins_of[each]
        part = whole.select(turns[group], bins, places[bins])
        parts.append(Component(replace(part, steps=placement_steps(part)), bins))
    return parts


def _groups(labels: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Return which rows, rising, have each label, by rising label."""
    rows = np.argsort(labels, kind="stable")
    names, first = np.unique(labels[rows], return_index=True)
    return dict(zip(names.tolist(), np.split(rows, first[1:]), strict=True)) if names.size else {}


@compiled
def _connected(
    start: NDArray[np.int64], bins: NDArray[np.int32], units: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Connect the bins that requests accept which they take: union-find with path halving (Tarjan, van Leeuwen 1984).

    Returns
    -------
    label, first
        int64 (m,), the lowest bin connected with each; int32 (n,), the first bin that takes each request, -1 for none.
    """
    label, first = np.arange(places.size), np.full(units.size, -1, np.int32)
    for row in range(units.size):
        for pair in range(start[row], start[row + 1]):
            if units[row] > places[bins[pair]]:
                continue
            if first[row] < 0:
                first[row] = bins[pair]
            here, there = np.int64(first[row]), np.int64(bins[pair])
            while label[here] != here:
                label[here] = label[label[here]]
                here = label[here]
            while label[there] != there:
                label[there] = label[label[there]]
                there = label[there]
            label[max(here, there)] = min(here, there)
    for b in range(places.size):
        label[b] = label[label[b]]
    return label, first
