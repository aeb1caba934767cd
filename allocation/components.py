"""Independent parts of a problem: bins that no request connects never compete."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.placing.placement import placement_steps


@dataclass(frozen=True, eq=False)
class Component:
    """A part, with its bins in the whole line, int64, rising."""

    line: Line
    bins: NDArray[np.int64]


def components(line: Line) -> list[Component]:
    """Split into connected parts, in the order of their first bin; requests without pairs are in none."""
    label = _labels(line.start, line.bin, line.bins)
    rows = np.flatnonzero(np.diff(line.start))
    label_of_row = label[line.bin[line.start[rows]]]
    parts = []
    for each in np.unique(label_of_row):
        bins = np.flatnonzero(label == each)
        part = line.select(rows[label_of_row == each], bins, line.places[bins])
        parts.append(Component(replace(part, steps=placement_steps(part)), bins))
    return parts


@compiled
def _labels(start: NDArray[np.int64], bins: NDArray[np.int32], m: int) -> NDArray[np.int64]:
    """Lowest bin connected with each bin, int64 (m,): union-find with path halving (Tarjan, van Leeuwen 1984)."""
    label = np.arange(m)
    for row in range(start.size - 1):
        for pair in range(start[row], start[row + 1]):
            here, there = np.int64(bins[start[row]]), np.int64(bins[pair])
            while label[here] != here:
                label[here] = label[label[here]]
                here = label[here]
            while label[there] != there:
                label[there] = label[label[there]]
                there = label[there]
            label[max(here, there)] = min(here, there)
    for b in range(m):
        label[b] = label[label[b]]
    return label
