"""Groups of bins worth solving again together: where priced room is lost, with the bins that share its requests."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from allocation.line import Line

PIECE_PAIRS = 1_500


def neighbourhoods(line: Line, prices: NDArray[np.int64], room: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield groups of bins (int64, rising) around each bin with lost room, the most valuable loss first.

    ``prices`` (m,) and ``room`` (m,): what a unit is worth in each bin, and how many are empty. Each group grows
    by the bin that shares most requests with it, until it has about ``PIECE_PAIRS`` pairs.
    """
    lost = prices * room
    by_bin = np.argsort(line.bin, kind="stable")
    edges = np.searchsorted(line.bin[by_bin], np.arange(line.bins + 1))
    size = np.diff(edges)
    for centre in np.argsort(-lost, kind="stable"):
        if lost[centre] == 0:
            return
        sharing = np.zeros(line.requests, np.bool_)
        sharing[line.row[by_bin[edges[centre] : edges[centre + 1]]]] = True
        shared = np.bincount(line.bin[sharing[line.row]], minlength=line.bins)
        shared[centre] = line.requests + 1
        nearest = np.argsort(-shared, kind="stable")
        count = max(2, int(np.searchsorted(np.cumsum(size[nearest]), PIECE_PAIRS, side="right")))
        nearest = nearest[:count]
        yield np.sort(nearest[shared[nearest] > 0])
