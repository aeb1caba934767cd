"""The entry point: a problem in, a plan out, the same on every run and every number of workers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.assign import assign_singles, price_bound
from allocation.components import Component, components
from allocation.line import line_up
from allocation.parties import place_parties
from allocation.plan import Plan, Status
from allocation.problem import Problem
from allocation.stopwatch import Stopwatch, added
from allocation.tally import tally

WORK_SHARE = 0.25
"""Deterministic work of the improvement for each second asked for; the flows take the rest."""


def solve(problem: Problem, *, seconds: float = 60.0, workers: int = 1) -> Plan:
    """Serve as many as possible, in priority and lottery order; then serve them where they asked.

    Parameters
    ----------
    problem
        Requests, bins and acceptable pairs.
    seconds
        About how long the search may take, on a machine like the one in ``docs/benchmarks.md``. It is
        translated into a fixed amount of work, so that the plan does not depend on the machine or its load.
    workers
        Threads over independent parts of the problem; the plan is the same for any number.

    Returns
    -------
    Plan
        Exact in all goals where every request takes one unit (the served set lexicographically first along the
        line and of the largest size); otherwise with a proven bound.

    Raises
    ------
    ValueError
        ``seconds`` or ``workers`` is not positive.
    WeightsTooLargeError
        The problem's weights do not fit into 64 bits.
    """
    if not seconds > 0:
        raise ValueError(f"seconds: expected a positive number, found {seconds}")
    if workers < 1:
        raise ValueError(f"workers: expected at least 1, found {workers}")
    watch = Stopwatch()
    line = line_up(problem)
    parts = components(line)
    watch.lap("prepare")
    pairs = max(1, line.row.size)
    solved = _each(parts, lambda part: _solve_part(part, seconds * part.line.row.size / pairs), workers)
    bin_of_row = np.full(line.requests, -1, np.int64)
    prices = np.zeros(line.bins, np.int64)
    for part, answer in zip(parts, solved, strict=True):
        placed = answer.bin_of_row >= 0
        bin_of_row[part.rows[placed]] = part.bins[answer.bin_of_row[placed]]
        prices[part.bins] = answer.prices
    watch.lap("place")
    bound = sum(answer.bound for answer in solved)
    objective = line.value(bin_of_row)
    bin_of_request = np.full(problem.requests, -1, np.int32)
    bin_of_request[line.request] = bin_of_row
    return tally(
        problem,
        bin_of_request,
        objective=objective,
        bound=bound,
        prices=prices,
        status=Status.OPTIMAL if objective == bound else Status.BOUNDED,
        stages=added([watch.seconds, *(answer.stage_seconds for answer in solved)]),
    )


@dataclass(frozen=True, eq=False)
class _Answer:
    bin_of_row: NDArray[np.int64]
    prices: NDArray[np.int64]
    bound: int
    stage_seconds: dict[str, float]


def _solve_part(part: Component, seconds: float) -> _Answer:
    line = part.line
    if line.units.max(initial=1) == 1:
        bin_of_row, prices = assign_singles(line)
        return _Answer(bin_of_row, prices, price_bound(line, prices), {})
    placed = place_parties(line, seconds * WORK_SHARE)
    return _Answer(placed.bin_of_row, placed.prices, placed.bound, placed.stage_seconds)


def _each(parts: list[Component], task: Callable[[Component], _Answer], workers: int) -> list[_Answer]:
    if workers == 1:
        return [task(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(task, parts))
