"""Independent parts of a problem: bins that no request connects never compete."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.line import Line


@dataclass(frozen=True, eq=False)
class Component:
    """A part with its rows and bins in the whole line, int64, rising."""

    line: Line
    rows: NDArray[np.int64]
    bins: NDArray[np.int64]


def components(line: Line) -> list[Component]:
    """Split into connected parts, in the order of their first bin; requests without pairs are in none."""
    if not line.row.size:
        return []
    label = _labels(line)
    rows = np.flatnonzero(np.diff(line.start))
    label_of_row = label[line.bin[line.start[rows]]]
    parts = []
    for each in np.unique(label_of_row):
        bins = np.flatnonzero(label == each)
        part_rows = rows[label_of_row == each]
        parts.append(Component(line.select(part_rows, bins, line.places[bins]), part_rows, bins))
    return parts


def _labels(line: Line) -> NDArray[np.int64]:
    """Lowest bin connected with each bin: requests join neighbours, then labels follow labels to the root."""
    label = np.arange(line.bins)
    firsts = line.start[:-1][np.diff(line.start) > 0]
    spread = np.diff(np.append(firsts, line.row.size))
    while True:
        lowest = np.repeat(np.minimum.reduceat(label[line.bin], firsts), spread)
        joined = label.copy()
        np.minimum.at(joined, label[line.bin], lowest)
        np.minimum.at(joined, line.bin, lowest)
        joined = joined[joined]
        if np.array_equal(joined, label):
            return label
        label = joined
