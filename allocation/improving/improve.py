"""Improve a plan of whole requests by exchanges, then with CP-SAT: a small one as a whole, a large one in pieces.

Whole parties by CP-SAT: all of a small problem, or a few bins of a large one while the rest stands still.

One worker, a fixed seed and a limit on deterministic time: the same answer on any machine and under any load.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from allocation.cp_sat import SOLVED, deterministic
from allocation.improving.close import close, has_size_prices
from allocation.improving.draft import Draft
from allocation.improving.exchange import exchanged
from allocation.improving.neighbourhoods import Neighbourhoods
from allocation.line import Line
from allocation.progress import Search

_NO_BOUND = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Improved:
    """``bin_of_row``: int32 (n,), -1 not served; ``bound`` on the objective; ``work``: deterministic time used."""

    bin_of_row: NDArray[np.int32]
    bound: int
    work: float


def serve_better(line: Line, bin_of_row: NDArray[np.int32], *, work: float) -> Improved:
    """Serve a better set of requests, starting from a feasible placement.

    Parameters
    ----------
    line
        Requests and bins, a few thousand pairs.
    bin_of_row
        int32 (n,), a feasible placement.
    work
        Limit in CP-SAT's deterministic time; a unit takes a second or three.
    """
    model, choices, value = _model(line, bin_of_row)
    model.maximize(value)
    solver = deterministic(work)
    status = solver.solve(model)
    used = solver.response_proto.deterministic_time
    if status not in SOLVED:
        return Improved(bin_of_row, _NO_BOUND, used)
    found = _read(solver, choices, line)
    if line.value(found) <= line.value(bin_of_row):
        found = bin_of_row
    # the solver states its bound as a float: round it up, never down
    bound = line.value(found) if status == cp_model.OPTIMAL else int(solver.best_objective_bound * (1 + 2**-50)) + 1
    return Improved(found, bound, used)


def place_better(line: Line, bin_of_row: NDArray[np.int32], *, work: float) -> Improved:
    """Keep the objective and improve when and where it is reached: late units, then rank, then preference."""
    costs = _placement_costs(line)
    if costs is None or work <= 0:
        return Improved(bin_of_row, _NO_BOUND, 0.0)
    model, choices, value = _model(line, bin_of_row)
    model.add(value >= line.value(bin_of_row))
    model.minimize(cp_model.LinearExpr.weighted_sum(choices, costs))
    solver = deterministic(work)
    found = _read(solver, choices, line) if solver.solve(model) in SOLVED else bin_of_row
    return Improved(found, _NO_BOUND, solver.response_proto.deterministic_time)


def _model(
    line: Line, bin_of_row: NDArray[np.int32]
) -> tuple[cp_model.CpModel, list[cp_model.IntVar], cp_model.LinearExprT]:
    """Each request in at most one bin, no bin over its places; the objective; the placement as a hint."""
    model = cp_model.CpModel()
    choices = [model.new_bool_var("") for _ in range(line.pairs)]
    for first, last in pairwise(line.start.tolist()):
        if last - first > 1:
            model.add_at_most_one(choices[first:last])
    units = line.units[line.row]
    by_bin = np.argsort(line.bin, kind="stable")
    edges = np.searchsorted(line.bin[by_bin], np.arange(line.bins + 1)).tolist()
    for column, (first, last) in enumerate(pairwise(edges)):
        pairs = by_bin[first:last]
        if int(units[pairs].sum()) > line.places[column]:
            load = cp_model.LinearExpr.weighted_sum([choices[pair] for pair in pairs.tolist()], units[pairs].tolist())
            model.add(load <= int(line.places[column]))
    for choice, chosen in zip(choices, (bin_of_row[line.row] == line.bin).tolist(), strict=True):
        model.add_hint(choice, chosen)
    return model, choices, cp_model.LinearExpr.weighted_sum(choices, (units * line.weight[line.row]).tolist())


def _placement_costs(line: Line) -> list[int] | None:
    """Late, then rank, then preference in one number per pair; None where that does not fit into 64 bits."""
    total = int(line.units.sum())
    cost = line.cost.astype(np.int64) - int(line.cost.min(initial=0))
    rank_step = total * int(cost.max(initial=0)) + 1
    late_step = rank_step * (total * int(line.rank.max(initial=0)) + 1)
    if total * late_step >= 1 << 61:
        return None
    pair_cost = line.late * late_step + line.rank.astype(np.int64) * rank_step + cost
    costs: list[int] = (line.units[line.row] * pair_cost).tolist()
    return costs


def _read(solver: cp_model.CpSolver, choices: list[cp_model.IntVar], line: Line) -> NDArray[np.int32]:
    found = np.full(line.requests, -1, np.int32)
    taken = np.array([solver.boolean_value(choice) for choice in choices], np.bool_)
    found[line.row[taken]] = line.bin[taken]
    return found


WHOLE_PAIRS = 3_000
"""A problem of this many pairs goes to CP-SAT in one piece."""
PIECE_WORK = 0.1
"""Deterministic time for one neighbourhood: many small ones gain more than few large ones."""
SEARCH_WORK = 3e-8
"""Work charged for finding a neighbourhood, per pair of the whole line, so that many quick ones also end."""

GOOD_ENOUGH = 1e-4
"""A plan is left alone once its proven gap is this small."""
WORTH_A_ROUND = 0.05
"""A round over all bins that closes less of the gap is the last one: what is left is mostly the bound's."""


def improve(given: Draft, work: float, search: Search, *, closing: bool = True) -> Draft:
    """Serve better; ``work`` limits the search, in CP-SAT's deterministic time, and ``search`` may stop it.

    ``closing``: with prices by size, where a part is small enough.
    """
    if given.line.single:
        return given
    better = exchanged(given)
    search.advance(gained=better.value - given.value)
    given = better
    if closing and has_size_prices(given.line):
        return _placed_better(close(given, work, search))
    if given.line.pairs <= WHOLE_PAIRS:
        return _improve_whole(given, work, search)
    return given if is_near(given.value, given.bound) else _improve_pieces(given, work, search)


def is_near(value: int, bound: int) -> bool:
    """Return whether plans of this objective are left alone."""
    return value >= bound * (1 - GOOD_ENOUGH)


def _improve_whole(given: Draft, work: float, search: Search) -> Draft:
    """Serve best, then place best; the latter even where nobody more can be served."""
    better, bound = given, given.bound
    if given.value < given.bound and not search.stopped:
        found = serve_better(given.line, given.bin_of_row, work=work)
        better, bound = replace(given, bin_of_row=found.bin_of_row, settled=False), min(bound, found.bound)
        search.advance(gained=better.value - given.value, bound_lowered=given.bound - bound)
    return _placed_better(replace(better, bound=bound))


def _placed_better(given: Draft) -> Draft:
    placed = place_better(given.line, given.bin_of_row, work=PIECE_WORK)
    return replace(given, bin_of_row=placed.bin_of_row, settled=False)


def _improve_pieces(given: Draft, work: float, search: Search) -> Draft:
    """Solve neighbourhoods, where most is lost first, until nothing helps or the work is used up."""
    line, best, left = given.line, given.bin_of_row.copy(), work
    around = Neighbourhoods(line, given.prices)
    value, before = given.value, 0
    while value - before > WORTH_A_ROUND * (given.bound - value):
        before = value
        covered = np.zeros(line.bins, np.bool_)
        for centre in around.worst_first(best, line.room(best)):
            if covered[centre]:
                continue
            piece = around.around(centre, best, line.room(best))
            covered[piece.bins] = True
            held = best[piece.rows]
            local = np.where(held < 0, -1, np.searchsorted(piece.bins, held)).astype(np.int32)
            found = serve_better(piece.line, local, work=min(left, PIECE_WORK))
            left -= found.work + SEARCH_WORK * line.pairs
            gained = piece.line.value(found.bin_of_row) - piece.line.value(local)
            if gained > 0:
                value += gained
                found = place_better(piece.line, found.bin_of_row, work=min(left, PIECE_WORK))
                left -= found.work
                best[piece.rows] = np.where(found.bin_of_row < 0, -1, piece.bins[found.bin_of_row])
            search.advance(gained=gained)
            if left <= 0 or is_near(value, given.bound) or search.stopped:
                return replace(given, bin_of_row=best, settled=False)
    return replace(given, bin_of_row=best, settled=False)
