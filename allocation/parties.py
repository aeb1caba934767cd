"""Requests of several units, all in one bin or not at all: NP-hard, so a plan with a proven bound.

1. Let units split: one flow gives prices and the bound. 2. Make parties whole, the largest first, and let the
flow place all the smaller ones again after each size; singles close what rounding leaves open. 3. Improve with
CP-SAT, a few bins at a time where room is lost, or everything where the problem is small. 4. With the parties
where they are, the exact flow places the singles.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.assign import price_bound
from allocation.flow import Flow, bin_prices, goals, lexicographic
from allocation.line import Line
from allocation.neighbourhoods import Neighbourhoods
from allocation.polish import place_better, serve_better
from allocation.stopwatch import Stopwatch

WHOLE_PAIRS = 3_000
"""A problem of this many pairs goes to CP-SAT in one piece."""
PIECE_WORK = 0.1
"""Deterministic time for one neighbourhood: many small ones gain more than few large ones."""
SEARCH_WORK = 3e-8
"""Work charged for finding a neighbourhood, per pair of the whole line, so that many quick ones also end."""

GOOD_ENOUGH = 1e-4
"""Neighbourhoods are left alone once the proven gap is this small."""


@dataclass(frozen=True, eq=False)
class Placed:
    """``bin_of_row``: int64 (n,), -1 not served; ``prices``: int64 (m,); ``bound`` on every plan's objective."""

    bin_of_row: NDArray[np.int64]
    prices: NDArray[np.int64]
    bound: int
    stage_seconds: dict[str, float]


def place_parties(line: Line, work: float) -> Placed:
    """Serve parties whole; ``work`` limits the improvement, in CP-SAT's deterministic time."""
    watch = Stopwatch()
    levels = goals(line)
    flow = lexicographic(line, levels)
    prices = bin_prices(line, levels[0], flow)
    bound = price_bound(line, prices)
    watch.lap("bound")
    bin_of_row = _fill_room(line, _round_by_size(line, flow))
    watch.lap("round")
    if line.row.size <= WHOLE_PAIRS:
        better = serve_better(line, bin_of_row, work=work)
        bound = min(bound, better.bound)
        bin_of_row = place_better(line, better.bin_of_row, work=work - better.work).bin_of_row
    else:
        bin_of_row = _improve_pieces(line, bin_of_row, prices, work)
    watch.lap("improve")
    bin_of_row = _fill_room(line, _place_singles(line, bin_of_row))
    watch.lap("singles")
    return Placed(bin_of_row, prices, bound, watch.seconds)


def _round_by_size(line: Line, flow: Flow) -> NDArray[np.int64]:
    """Make a split flow whole: largest requests first, then the flow again for all the smaller ones.

    Sizes go together from one power of two to the next: that is close enough, and spares flows.
    """
    bin_of_row = np.full(line.requests, -1, np.int64)
    room = line.places.copy()
    rows, all_bins, part = np.arange(line.requests), np.arange(line.bins), line
    octave = np.frexp(line.units)[1]
    for size in np.unique(octave)[::-1]:
        now = octave[rows] == size
        chosen = _round(part, flow, now, room)
        bin_of_row[rows[now]] = chosen[now]
        kept = np.flatnonzero(~now)
        if not kept.size:
            break
        rows = rows[kept]
        part = part.select(kept, all_bins, room)
        flow = lexicographic(part, goals(part))
    return bin_of_row


def _round(part: Line, flow: Flow, now: NDArray[np.bool_], room: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place the requests of these sizes, taking from ``room``: whole ones where they are, then the split ones.

    A split request goes where most of it is; one that the flow serves less than half is left for later.
    """
    chosen = np.full(part.requests, -1, np.int64)
    used = np.flatnonzero((flow.units > 0) & now[part.row])
    whole = used[flow.units[used] == part.units[part.row[used]]]
    chosen[part.row[whole]] = part.bin[whole]
    np.subtract.at(room, part.bin[whole], part.units[part.row[whole]])
    split = used[flow.units[used] < part.units[part.row[used]]]
    # in line order; within a request the bin with most of it first
    for pair in split[np.lexsort((-flow.units[split], part.row[split]))]:
        row, column = part.row[pair], part.bin[pair]
        if chosen[row] < 0 and 2 * flow.outside[row] <= part.units[row] <= room[column]:
            chosen[row] = column
            room[column] -= part.units[row]
    return chosen


def _fill_room(line: Line, bin_of_row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the room that is left to unserved requests that fit, in line order, each its best bin."""
    filled, room = bin_of_row.copy(), _room(line, bin_of_row)
    fits = np.flatnonzero((bin_of_row[line.row] < 0) & (line.units[line.row] <= room[line.bin]))
    best = np.lexsort((line.tie[fits], line.cost[fits], line.rank[fits], line.late[fits], line.row[fits]))
    for pair in fits[best]:
        row, column = line.row[pair], line.bin[pair]
        if filled[row] < 0 and line.units[row] <= room[column]:
            filled[row] = column
            room[column] -= line.units[row]
    return filled


def _improve_pieces(
    line: Line, bin_of_row: NDArray[np.int64], prices: NDArray[np.int64], work: float
) -> NDArray[np.int64]:
    """Solve neighbourhoods with CP-SAT, where most is lost first, until nothing helps or the work is used up."""
    best, left = bin_of_row.copy(), work
    around = Neighbourhoods(line, prices)
    enough = round(price_bound(line, prices) * (1 - GOOD_ENOUGH))
    improved = True
    while improved and left > 0 and line.value(best) < enough:
        improved = False
        covered = np.zeros(line.bins, np.bool_)
        for centre in around.worst_first(best, _room(line, best)):
            if covered[centre]:
                continue
            piece = around.around(centre, best, _room(line, best))
            covered[piece.bins] = True
            held = best[piece.rows]
            local = np.where(held < 0, -1, np.searchsorted(piece.bins, held))
            found = serve_better(piece.line, local, work=min(left, PIECE_WORK))
            left -= found.work + SEARCH_WORK * line.row.size
            if piece.line.value(found.bin_of_row) > piece.line.value(local):
                improved = True
                found = place_better(piece.line, found.bin_of_row, work=min(left, PIECE_WORK))
                left -= found.work
                best[piece.rows] = np.where(found.bin_of_row < 0, -1, piece.bins[found.bin_of_row])
            if left <= 0 or line.value(best) >= enough:
                break
    return best


def _place_singles(line: Line, bin_of_row: NDArray[np.int64]) -> NDArray[np.int64]:
    """With all larger requests where they are, place the requests of one unit exactly."""
    single = line.units == 1
    rows = np.flatnonzero(single)
    result = bin_of_row.copy()
    if rows.size:
        room = _room(line, np.where(single, -1, bin_of_row))
        part = line.select(rows, np.arange(line.bins), room)
        flow = lexicographic(part, goals(part))
        used = np.flatnonzero(flow.units)
        result[rows] = -1
        result[rows[part.row[used]]] = part.bin[used]
    return result


def _room(line: Line, bin_of_row: NDArray[np.int64]) -> NDArray[np.int64]:
    served = bin_of_row >= 0
    room = line.places.copy()
    np.subtract.at(room, bin_of_row[served], line.units[served])
    return room
