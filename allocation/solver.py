"""The entry point: a problem in, a plan out, the same on every run and every number of workers."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from allocation.components import Component, components
from allocation.generation import FIRST_GENERATION, LARGE, NEWEST_GENERATION, SECOND_GENERATION
from allocation.improving.close import MOST_SIZES
from allocation.improving.draft import Draft, draft, finish, rounded_draft
from allocation.improving.exchange import exchanged
from allocation.improving.improve import improve, is_near
from allocation.line import Line
from allocation.plan import Plan, Status
from allocation.problem import Problem
from allocation.progress import Progress, Search, Stopwatch
from allocation.side_by_side import Spread, spread_over
from allocation.tally import tally

WORK_SHARE = 0.25
"""Deterministic work of the improvement for each second asked for; building neighbourhoods takes the rest."""


def solve(
    problem: Problem,
    *,
    seconds: float = 60.0,
    workers: int = 1,
    on_progress: Callable[[Progress], bool] | None = None,
    start: Plan | None = None,
    generation: int = NEWEST_GENERATION,
) -> Plan:
    """Serve as many as possible, in priority and lottery order; then serve them where they asked.

    Parameters
    ----------
    problem
        Requests, bins and acceptable pairs.
    seconds
        About how long the improvement may take, on a machine like the one in ``docs/benchmarks.md``. It is
        translated into a fixed amount of work, so that the plan does not depend on the machine or its load.
    workers
        Threads over independent parts of the problem, and as many over the prices within these; the plan is the same
        for any number.
    on_progress
        Told the best plan so far and the bound, now and then; the search stops when it returns False. A plan
        that was stopped depends on the moment, so it says so in its status.
    start
        An earlier plan of this problem to go on from, where it is better than a new first plan.
    generation
        Of the way in which plans are made: a later one makes other plans of some problems. A draw states which one it
        was made by, and stays repeatable.

    Returns
    -------
    Plan
        Exact in all goals where every request takes one unit (the served set lexicographically first along the
        line and of the largest size); otherwise with a proven bound.

    Raises
    ------
    ValueError
        ``seconds`` or ``workers`` is not positive, or ``start`` is not a feasible plan of this problem.
    WeightsTooLargeError
        The problem's weights or costs do not fit into 64 bits.
    """
    if not seconds > 0:
        raise ValueError(f"seconds: expected a positive number, found {seconds}")
    if workers < 1:
        raise ValueError(f"workers: expected at least 1, found {workers}")
    watch = Stopwatch()
    parts = components(problem)
    watch.lap("prepare")
    large = generation > FIRST_GENERATION and problem.requests > LARGE
    sizes = np.unique(problem.units)
    closing = generation > SECOND_GENERATION and sizes.size <= MOST_SIZES
    search = Search(on_progress)
    with spread_over(workers) as each_part, spread_over(workers) as each_price:
        drafts = list(each_part(lambda part: _first(part.line, each_price, large=large), parts))
        if start is not None:
            drafts = [_go_on(each, part, start) for each, part in zip(drafts, parts, strict=True)]
        watch.lap("draft")
        search.start(sum(each.value for each in drafts), sum(each.bound for each in drafts))
        drafts = _improved(drafts, seconds * WORK_SHARE, search, each_part, large=large, closing=closing)
        watch.lap("improve")
        placed = list(each_part(partial(finish, spread=each_price), drafts))
        watch.lap("place")

    bin_of_request = np.full(problem.requests, -1, np.int32)
    by_size = np.zeros((problem.bins, sizes.size), np.int64)
    prices = np.zeros(problem.bins, np.int64)
    objective = 0
    for part, each, bin_of_row in zip(parts, drafts, placed, strict=True):
        bin_of_request[part.line.request] = np.where(bin_of_row < 0, -1, part.bins[bin_of_row])
        prices[part.bins] = each.prices
        if each.by_size is not None:
            columns = np.searchsorted(sizes, each.by_size.sizes)
            by_size[np.ix_(part.bins, columns)] = each.by_size.price - each.prices[:, None] * each.by_size.sizes
        objective += part.line.value(bin_of_row)
    bound = sum(each.bound for each in drafts)
    done = Status.OPTIMAL if objective == bound else Status.BOUNDED
    return tally(
        problem,
        bin_of_request,
        objective=objective,
        bound=bound,
        prices=prices,
        by_size=by_size.ravel() if by_size.any() else None,
        status=Status.STOPPED if search.stopped else done,
        stages=watch.seconds,
    )


def _first(line: Line, spread: Spread, *, large: bool) -> Draft:
    """Make the first plan of a part."""
    return rounded_draft(line, spread=spread) if large and not line.single else draft(line, spread=spread)


def _improved(
    drafts: list[Draft], work: float, search: Search, spread: Spread, *, large: bool, closing: bool
) -> list[Draft]:
    """Improve all parts; those of a large draw by exchanges alone, where all of it is near the bound then."""
    if large:
        better = list(spread(exchanged, drafts))
        search.advance(gained=sum(each.value for each in better) - sum(each.value for each in drafts))
        if is_near(sum(each.value for each in better), sum(each.bound for each in better)):
            return better
        drafts = better
    lost = max(1, sum(each.bound - each.value for each in drafts))

    def improved(each: Draft) -> Draft:
        return improve(each, work * ((each.bound - each.value) / lost), search, closing=closing)

    return list(spread(improved, drafts))


def _go_on(given: Draft, part: Component, start: Plan) -> Draft:
    """Take over the earlier plan of a part where it serves better; ValueError where it is not feasible."""
    line = part.line
    bin_of_row = _within(part, start.bin_of_request)
    if line.value(bin_of_row) <= given.value:
        return given
    return replace(given, bin_of_row=bin_of_row, settled=False)


def _within(part: Component, bin_of_request: NDArray[np.int32]) -> NDArray[np.int32]:
    line = part.line
    if line.requests and (bin_of_request.ndim != 1 or bin_of_request.size <= line.request.max()):
        raise ValueError("start: the plan is not one of this problem")
    chosen = bin_of_request[line.request]
    pairs = np.flatnonzero(part.bins[line.bin] == chosen[line.row])
    bin_of_row = np.full(line.requests, -1, np.int32)
    bin_of_row[line.row[pairs]] = line.bin[pairs]
    if np.any((chosen >= 0) & (bin_of_row < 0)) or np.any(line.room(bin_of_row) < 0):
        raise ValueError("start: the plan is not one of this problem")
    return bin_of_row
