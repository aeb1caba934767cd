"""Single requests in their bins, and chains of moves that let one more unit into a bin.

Someone in a bin moves to another bin that they accept, someone there to a third, until a free place is reached or
someone leaves altogether. The bins to which someone in a bin could move are held as the bits of a few words, so that a
search takes m^2 / 63 steps at most, however many requests there are.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.checking.reach import NOBODY, ROOM
from allocation.compiled import compiled
from allocation.problem import Problem
from allocation.serving.places import Hall, empty_hall, enter, leave

BITS = 63
"""Bins in one word of a set of bins; the sign bit stays free."""


class Chains(NamedTuple):
    """Single requests in their bins, and the moves between bins.

    ``turn``: int64 (n,). ``moves``: int64 (m, w), the set of bins to which someone in each bin could move. ``last``:
    int64 (m,), the last turn among the singles in it, -1 where there are none. ``seen``: int64 (w,), ``queue``,
    ``before``: int64 (m,), for a search.
    """

    hall: Hall
    turn: NDArray[np.int64]
    moves: NDArray[np.int64]
    last: NDArray[np.int64]
    seen: NDArray[np.int64]
    queue: NDArray[np.int64]
    before: NDArray[np.int64]


def chains_of(problem: Problem, bin_of_request: NDArray[np.int32], turn: NDArray[np.int64]) -> Chains:
    """Seat the single requests of a plan in the places that larger ones leave.

    Parameters
    ----------
    problem
        n requests, m bins.
    bin_of_request
        int32 (n,), of a feasible plan; -1 where not served.
    turn
        int64 (n,), a permutation: the single with the last turn leaves first.
    """
    alone = (bin_of_request >= 0) & (problem.units == 1)
    singles = np.bincount(bin_of_request[alone], minlength=problem.bins)
    # more free places than the largest request needs change nothing
    free = np.clip(problem.places - problem.used(bin_of_request), 0, int(problem.units.max(initial=1)))
    words = problem.bins // BITS + 1
    chains = Chains(
        hall=empty_hall(problem.first_pair, problem.pair_bin.copy(), singles + free),
        turn=turn,
        moves=np.zeros((problem.bins, words), np.int64),
        last=np.zeros(problem.bins, np.int64),
        seen=np.zeros(words, np.int64),
        queue=np.zeros(problem.bins, np.int64),
        before=np.zeros(problem.bins, np.int64),
    )
    _sit_down(chains, np.where(alone, bin_of_request, -1))
    return chains


@compiled
def _sit_down(chains: Chains, bin_of_single: NDArray[np.int32]) -> None:
    hall = chains.hall
    for row in range(bin_of_single.size):
        if bin_of_single[row] >= 0:
            for pair in range(hall.start[row], hall.start[row + 1]):
                if hall.bins[pair] == bin_of_single[row]:
                    enter(hall, row, pair, 1)
    for b in range(chains.last.size):
        _look_again(chains, b)


@compiled
def _look_again(chains: Chains, b: int) -> None:
    """Bring the moves out of a bin, and the last in it, up to date."""
    hall = chains.hall
    chains.last[b] = -1
    for at in range(hall.first[b], hall.first[b] + hall.members[b]):
        chains.last[b] = max(chains.last[b], chains.turn[hall.member_row[at]])
    mark_moves(hall, b, chains.moves[b])


@compiled
def mark_moves(hall: Hall, b: int, moves: NDArray[np.int64]) -> None:
    """Write the set of bins to which someone in a bin could move, int64 (w,)."""
    moves[:] = 0
    for at in range(hall.first[b], hall.first[b] + hall.members[b]):
        row = hall.member_row[at]
        for pair in range(hall.start[row], hall.start[row + 1]):
            c = hall.bins[pair]
            moves[c // BITS] |= 1 << c % BITS


@compiled
def let_in(chains: Chains, b: int, log: NDArray[np.int64], moves: int) -> tuple[int, NDArray[np.int64], int]:
    """Let one more unit into b, to stay there until ``take_back``.

    Parameters
    ----------
    log
        int64 (k, 3): row, pair left and pair entered (-1 for who leaves altogether) of the moves so far, ``moves`` of
        them.

    Returns
    -------
    int, log, moves
        The turn of the single that leaves for it; ``ROOM`` where nobody does; ``NOBODY`` where it cannot be let in.
    """
    hall = chains.hall
    end = _end_of_chains(chains, b)
    if end < 0:
        return int(NOBODY), log, moves
    if moves + hall.room.size >= log.shape[0]:
        longer = np.empty((2 * (moves + hall.room.size), 3), np.int64)
        longer[:moves] = log[:moves]
        log = longer
    cut_off = ROOM
    if hall.room[end] == 0:
        cut_off = chains.last[end]
        at = hall.first[end]
        while chains.turn[hall.member_row[at]] != cut_off:
            at += 1
        log[moves, 0], log[moves, 1], log[moves, 2] = hall.member_row[at], hall.member_pair[at], -1
        moves += 1
        leave(hall, hall.member_pair[at])
    c = end
    while c != b:
        row, left, entered = _who_moves(hall, chains.before[c], c)
        log[moves, 0], log[moves, 1], log[moves, 2] = row, left, entered
        moves += 1
        leave(hall, left)
        enter(hall, row, entered, 1)
        _look_again(chains, c)
        c = chains.before[c]
    hall.room[b] -= 1
    _look_again(chains, b)
    return cut_off, log, moves


@compiled
def _end_of_chains(chains: Chains, b: int) -> int:
    """Reach the nearest bin with a free place from b, else the bin of the last single; -1 where there is neither."""
    chains.seen[:] = 0
    chains.seen[b // BITS] = 1 << b % BITS
    chains.queue[0] = b
    found, end = 1, -1
    at = 0
    while at < found:
        c = chains.queue[at]
        at += 1
        if chains.hall.room[c] > 0:
            return int(c)
        if chains.last[c] >= 0 and (end < 0 or chains.last[c] > chains.last[end]):
            end = c
        for word in range(chains.seen.size):
            new = chains.moves[c, word] & ~chains.seen[word]
            chains.seen[word] |= new
            d = word * BITS
            while new:
                if new & 1:
                    chains.before[d] = c
                    chains.queue[found] = d
                    found += 1
                new >>= 1
                d += 1
    return end


@compiled
def _who_moves(hall: Hall, source: int, target: int) -> tuple[int, int, int]:
    """Find someone in one bin who accepts another: the row, the pair to leave and the pair to enter."""
    for at in range(hall.first[source], hall.first[source] + hall.members[source]):
        row = hall.member_row[at]
        for pair in range(hall.start[row], hall.start[row + 1]):
            if hall.bins[pair] == target:
                return row, hall.member_pair[at], pair
    return -1, -1, -1  # not reached: a move in the set of moves is somebody's


@compiled
def take_back(chains: Chains, b: int, taken: int, log: NDArray[np.int64], moves: int) -> None:
    """Undo all moves in the log, and the units let into b."""
    hall = chains.hall
    hall.room[b] += taken
    for z in range(moves - 1, -1, -1):
        if log[z, 2] >= 0:
            leave(hall, log[z, 2])
        enter(hall, log[z, 0], log[z, 1], 1)
    for z in range(moves):
        _look_again(chains, hall.bins[log[z, 1]])
        if log[z, 2] >= 0:
            _look_again(chains, hall.bins[log[z, 2]])
    _look_again(chains, b)
