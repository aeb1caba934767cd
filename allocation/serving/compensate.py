"""Even out the chances of small and large requests: a family must neither gain nor lose by asking together.

Whoever needs more units in one bin finds fewer bins that can take them, so with equal weights large requests are served
less often. How much more a unit of theirs must weigh follows from the requests and places alone: the draw is
rehearsed with other lotteries, and the weight of sizes that came off worse is raised, until the chances agree.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.explaining.regret import regret
from allocation.line import Line, line_up
from allocation.problem import NEUTRAL, Problem
from allocation.serving.whole import serve_whole

HIGHEST: Final = 2 * NEUTRAL
"""Where even the last in line of a size goes before the first of the others of the tier, more changes nothing."""
REHEARSALS: Final = 24
REHEARSED_REQUESTS: Final = 240_000
"""Larger draws are rehearsed less: they differ less from lottery to lottery, and from size to size."""
ROUNDS: Final = 8
STEP: Final = 0.7
"""Share of a difference in chances that becomes a difference in weight; the weights of a tier span a factor of two."""


def even_compensation(problem: Problem) -> dict[int, int]:
    """Find the compensation of each size that evens out the chances.

    Only requests count that at least one of their bins could take.

    Parameters
    ----------
    problem
        Its line and compensation do not matter, so the result is known before the lottery.

    Returns
    -------
    dict of int to int
        Per mille by units, for ``Problem.compensation``; the smallest is 1000. Empty where all take the same
        units, and in draws so large that no size is harder to place.
    """
    rehearsals = min(REHEARSALS, REHEARSED_REQUESTS // max(1, problem.requests))
    if rehearsals == 0 or np.unique(problem.units).size < 2:  # noqa: PLR2004 - one size has nobody to differ from
        return {}
    line = line_up(replace(problem, order=by_tier(problem.tier), compensation=np.empty(0, np.int16)))
    liked = regret(line.late, line.rank, line.cost)
    tier = problem.tier[line.request]
    possible = np.diff(line.start) > 0
    sizes, size = np.unique(line.units, return_inverse=True)
    asked = np.bincount(size[possible], minlength=sizes.size)
    factor = np.full(sizes.size, float(NEUTRAL))
    best, least = factor, np.inf
    for _ in range(ROUNDS):
        served = np.zeros(sizes.size)
        for number in range(rehearsals):
            weight = _lottery(line, tier, number) * factor.astype(np.int64)[size] // NEUTRAL
            found = serve_whole(replace(line, weight=weight), liked)
            served += np.bincount(size[found >= 0], minlength=sizes.size)
        chance = served / np.maximum(asked * rehearsals, 1)
        overall = float(served @ sizes) / max(1, int(asked @ sizes) * rehearsals)
        unfair = float(asked @ np.abs(chance - overall))
        if unfair < least:
            best, least = factor, unfair
        factor = factor * (1 + STEP * np.where(asked > 0, overall - chance, 0))
        factor = np.clip(factor * NEUTRAL / factor.min(), NEUTRAL, HIGHEST)
    return dict(zip(sizes.tolist(), best.astype(np.int64).tolist(), strict=True))


def compensated(problem: Problem, table: Mapping[int, int]) -> Problem:
    """Give the problem with this compensation by units; sizes that are not in the table have none."""
    column = np.array([table.get(units, NEUTRAL) for units in range(int(problem.units.max(initial=0)) + 1)], np.int16)
    return replace(problem, compensation=column[problem.units])


def by_tier(tier: NDArray[np.integer]) -> NDArray[np.int32]:
    """Positions in a line that depends on nothing but tiers, (n,), and rows; int32 (n,)."""
    order = np.empty(tier.size, np.int32)
    order[np.argsort(-tier, kind="stable")] = np.arange(tier.size)
    return order


def _lottery(line: Line, tier: NDArray[np.int16], number: int) -> NDArray[np.int64]:
    """Weights of the rows if they stood in another order within their tiers."""
    random = np.random.Generator(np.random.PCG64(number))
    turns = np.lexsort((random.permutation(line.requests), -tier))
    weight = np.empty(line.requests, np.int64)
    weight[turns] = line.weight
    return weight
