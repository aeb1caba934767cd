"""Even out the chances of small and large requests: a family must neither gain nor lose by asking together.

Whoever needs more units in one bin finds fewer bins that can take them, so with equal weights large requests are served
less often. How much more a unit of theirs must weigh follows from the requests and places alone: the draw is
rehearsed with other lotteries, and the weight of sizes that came off worse is raised, until the chances agree.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.components import components
from allocation.generation import LARGE
from allocation.improving.draft import draft, serve_singles
from allocation.improving.exchange import exchanged
from allocation.problem import NEUTRAL, Problem

HIGHEST: Final = 2 * NEUTRAL
"""Where even the last in line of a size goes before the first of the others of the tier, more changes nothing."""
REHEARSALS: Final = 24
REHEARSED_REQUESTS: Final = LARGE
"""Larger draws are rehearsed less: they differ less from lottery to lottery, and from size to size."""
ROUNDS: Final = 8
STEP: Final = 0.7
"""Share of a difference in chances that becomes a difference in weight; the weights of a tier span a factor of two."""


Rehearsing = Callable[[Callable[[int], NDArray[np.bool_]], Iterable[int]], Iterable[NDArray[np.bool_]]]
"""Does one rehearsal after the other, or some at a time, and gives their results in order, as `map` does."""


def even_compensation(problem: Problem, *, spread: Rehearsing = map) -> dict[int, int]:
    """Find the compensation of each size that evens out the chances.

    Only requests count that at least one of their bins could take.

    Parameters
    ----------
    problem
        Its line and compensation do not matter, so the result is known before the lottery.
    spread
        How the rehearsals are done, such as ``map`` of a pool of threads or processes; they are pure.

    Returns
    -------
    dict of int to int
        Per mille by units, for ``Problem.compensation``; the smallest is 1000. Empty where all take the same
        units, and in draws so large that no size is harder to place.
    """
    rehearsals = min(REHEARSALS, REHEARSED_REQUESTS // max(1, problem.requests))
    if rehearsals == 0 or np.unique(problem.units).size < 2:  # noqa: PLR2004 - one size has nobody to differ from
        return {}
    sizes, size = np.unique(problem.units, return_inverse=True)
    possible = np.zeros(problem.requests, np.bool_)
    possible[problem.pair_request[problem.units[problem.pair_request] <= problem.places[problem.pair_bin]]] = True
    asked = np.bincount(size[possible], minlength=sizes.size)
    factor = np.full(sizes.size, float(NEUTRAL))
    best, least = factor, np.inf
    known: dict[tuple[int, ...], NDArray[np.int64]] = {}
    for _ in range(ROUNDS):
        table = _table(sizes, factor)
        weights = tuple(table.values())
        if weights not in known:  # weights that differ by less than one per mille serve as before
            found = _rehearsed(compensated(problem, table), rehearsals, spread)
            known[weights] = np.bincount(size[np.nonzero(found)[1]], minlength=sizes.size)
        served = known[weights]
        chance = served / np.maximum(asked * rehearsals, 1)
        overall = float(served @ sizes) / max(1, int(asked @ sizes) * rehearsals)
        unfair = float(asked @ np.abs(chance - overall))
        if unfair < least:
            best, least = factor, unfair
        factor = factor * (1 + STEP * np.where(asked > 0, overall - chance, 0))
        factor = np.clip(factor * NEUTRAL / factor.min(), NEUTRAL, HIGHEST)
    return _table(sizes, best)


def _table(sizes: NDArray[np.integer], factor: NDArray[np.float64]) -> dict[int, int]:
    return dict(zip(sizes.tolist(), factor.astype(np.int64).tolist(), strict=True))


def compensated(problem: Problem, table: Mapping[int, int]) -> Problem:
    """Return the problem with this compensation by units; sizes that are not in the table have none."""
    column = np.array([table.get(units, NEUTRAL) for units in range(int(problem.units.max(initial=0)) + 1)], np.int16)
    return replace(problem, compensation=column[problem.units])


def by_tier(tier: NDArray[np.integer]) -> NDArray[np.int32]:
    """Positions in a line that depends on nothing but tiers, (n,), and rows; int32 (n,)."""
    order = np.empty(tier.size, np.int32)
    order[np.argsort(-tier, kind="stable")] = np.arange(tier.size)
    return order


def _rehearsed(problem: Problem, rehearsals: int, spread: Rehearsing) -> NDArray[np.bool_]:
    """Return who is served in each of some rehearsals, bool (rehearsals, n)."""
    return np.stack(list(spread(partial(_rehearse, problem), range(rehearsals))))


def _rehearse(problem: Problem, number: int) -> NDArray[np.bool_]:
    """Return who is served by a lottery, bool (n,), as in a draw without the search by CP-SAT."""
    served = np.zeros(problem.requests, np.bool_)
    for part in components(replace(problem, order=_lottery(problem.tier, number))):
        given = exchanged(draft(part.line))
        singles, split = serve_singles(part.line, given.bin_of_row)
        served[part.line.request[given.bin_of_row >= 0]] = True
        served[singles.request] = False
        served[singles.request[split.rows(singles)]] = True
    return served


def _lottery(tier: NDArray[np.int16], number: int) -> NDArray[np.int32]:
    """Positions in a line that is drawn by lot within each tier, int32 (n,)."""
    random = np.random.Generator(np.random.PCG64(number))
    order = np.empty(tier.size, np.int32)
    order[np.lexsort((random.permutation(tier.size), -tier))] = np.arange(tier.size)
    return order
