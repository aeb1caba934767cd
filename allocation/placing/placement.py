"""When and where requests are served, in one number for each pair: in time first, then the rank, then the cost."""

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.line import Line
from allocation.placing.auction import HIGHEST_COST
from allocation.weights import WeightsTooLargeError


def placement_steps(line: Line) -> tuple[int, int]:
    """Return what one rank and what being late weigh, so that the goals are lexicographic for single units.

    Two placements of the same people differ by cycles of moves that come to each bin at most once, and perhaps to
    the free places. So it is enough that one step of a goal outweighs what the next ones can add up to over one
    move into each bin and one more.

    Raises
    ------
    WeightsTooLargeError
        The numbers would not fit into 64 bits.
    """
    moves = line.bins + 1
    costs = int(line.cost.max(initial=0)) - int(line.cost.min(initial=0))
    rank = moves * costs + 1
    late = moves * (int(line.rank.max(initial=0)) * rank + costs) + 1
    if (2 * late) * (moves + 1) > HIGHEST_COST:
        raise WeightsTooLargeError(f"ranks and costs over {line.bins} connected bins overflow 64 bits")
    return rank, late


def placement_cost(line: Line) -> NDArray[np.int64]:
    """Lateness, rank and cost in one number per pair, int64 (p,)."""
    rank, late = line.steps
    lowest = int(line.cost.min(initial=0))
    return _combined(line.late, line.rank, line.cost, np.int64(late), np.int64(rank), np.int64(lowest))


@compiled
def _combined(
    lates: NDArray[np.bool_],
    ranks: NDArray[np.int8],
    costs: NDArray[np.int16],
    late: np.int64,
    rank: np.int64,
    lowest: np.int64,
) -> NDArray[np.int64]:
    combined = np.empty(costs.size, np.int64)
    for pair in range(costs.size):
        combined[pair] = lates[pair] * late + ranks[pair] * rank + (costs[pair] - lowest)
    return combined


@compiled
def rents(
    start: NDArray[np.int64],
    bins: NDArray[np.int32],
    cost: NDArray[np.int64],
    bin_of_row: NDArray[np.int32],
    group: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return what a unit of each bin costs in an optimal placement of single units, int64 (m,): least duals, from 0.

    At these rents everyone sits where cost and rent together are least among the bins of the same ``group``,
    int64 (m,); nobody moves to another group. Bellman-Ford over the bins.
    """
    rent = np.zeros(group.size, np.int64)
    for _ in range(group.size + 1):
        settled = True
        for row in range(bin_of_row.size):
            own = bin_of_row[row]
            if own < 0:
                continue
            level = np.int64(0)
            for pair in range(start[row], start[row + 1]):
                if bins[pair] == own:
                    level = cost[pair] + rent[own]
            for pair in range(start[row], start[row + 1]):
                b = bins[pair]
                if group[b] == group[own] and level - cost[pair] > rent[b]:
                    rent[b] = level - cost[pair]
                    settled = False
        if settled:
            break
    return rent
