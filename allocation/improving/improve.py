"""Improve a plan of whole requests by exchanges, then with CP-SAT: a small one as a whole, a large one in pieces."""

from dataclasses import replace

import numpy as np

from allocation.improving.close import close, has_size_prices
from allocation.improving.draft import Draft
from allocation.improving.exchange import exchanged
from allocation.improving.neighbourhoods import Neighbourhoods
from allocation.improving.polish import place_better, serve_better
from allocation.progress import Search

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
