"""Who sits where while places are given out, and how to make room for one more by moving others.

Whether a bin can take one more unit is a question of augmenting paths: someone in it moves to another bin, someone
there to a third, and the last one to a free place. Paths are found by push-relabel (Goldberg, Tarjan, "A new approach
to the maximum-flow problem", JACM 35, 1988). The label of a bin is a lower bound on the number of such moves. A unit
too many in a bin moves a unit of someone there to a bin one step closer; where no bin is closer, its label rises.
Labels never fall while requests are only added, so all searches together take little more time than one. A label
that no bin has any more is a gap: from the bins above it no free place can be reached, ever. They are closed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.compiled import compiled

CLOSED = 1 << 30


class Hall(NamedTuple):
    """Bins with those who may be moved, as arrays that the functions here change in place.

    ``start``: int64 (n + 1,), ``bins``: int32 (p,): the bins that each row accepts. ``room``: int64 (m,), free units;
    -1 while a unit too many is under way. ``label``: int32 (m,). ``at_label``: int64 (m + 2,), open bins at
    each. ``held``: int16 (p,), movable units in each pair. The movable pairs of bin b are ``member_pair``, rows
    ``member_row``, from ``first[b]`` on, ``members[b]`` of them; those before ``pointer[b]`` cannot move closer.
    """

    start: NDArray[np.int64]
    bins: NDArray[np.int32]
    room: NDArray[np.int64]
    label: NDArray[np.int32]
    at_label: NDArray[np.int64]
    held: NDArray[np.int16]
    first: NDArray[np.int64]
    members: NDArray[np.int64]
    pointer: NDArray[np.int64]
    member_row: NDArray[np.int32]
    member_pair: NDArray[np.int64]


def empty_hall(start: NDArray[np.int64], bins: NDArray[np.int32], places: NDArray[np.int64]) -> Hall:
    """Nobody sits anywhere."""
    m = places.size
    first = columns.starts(places + 1)  # one more than fits: the unit that is under way
    at_label = np.zeros(m + 2, np.int64)
    at_label[0] = m
    return Hall(
        start=start,
        bins=bins,
        room=places.copy(),
        label=np.zeros(m, np.int32),
        at_label=at_label,
        held=np.zeros(bins.size, np.int16),
        first=first,
        members=np.zeros(m, np.int64),
        pointer=np.zeros(m, np.int64),
        member_row=np.empty(first[-1], np.int32),
        member_pair=np.empty(first[-1], np.int64),
    )


@compiled
def nearest_room(hall: Hall, row: int) -> int:
    """Pair of a row whose bin is nearest to a free place, among equals the one with most room; -1 if all are closed."""
    best = -1
    for pair in range(hall.start[row], hall.start[row + 1]):
        b = hall.bins[pair]
        if hall.label[b] == CLOSED:
            continue
        if best >= 0:
            other = hall.bins[best]
            if hall.label[b] > hall.label[other]:
                continue
            if hall.label[b] == hall.label[other] and hall.room[b] <= hall.room[other]:
                continue
        best = pair
    return best


@compiled
def enter(hall: Hall, row: int, pair: int, units: int) -> None:
    """Put movable units of a row into the bin of one of its pairs, room or not."""
    b = hall.bins[pair]
    if hall.held[pair] == 0:
        at = hall.first[b] + hall.members[b]
        hall.member_row[at], hall.member_pair[at] = row, pair
        hall.members[b] += 1
    hall.held[pair] += units
    hall.room[b] -= units


@compiled
def leave(hall: Hall, pair: int) -> None:
    """Take one unit of a pair out of its bin."""
    at = hall.first[hall.bins[pair]]
    while hall.member_pair[at] != pair:
        at += 1
    _leave_at(hall, at)


@compiled
def _leave_at(hall: Hall, at: int) -> None:
    pair = hall.member_pair[at]
    b = hall.bins[pair]
    hall.held[pair] -= 1
    hall.room[b] += 1
    if hall.held[pair] == 0:
        last = hall.first[b] + hall.members[b] - 1
        hall.member_row[at], hall.member_pair[at] = hall.member_row[last], hall.member_pair[last]
        hall.members[b] -= 1


@compiled
def make_room(hall: Hall, b: int, log: NDArray[np.int64], moves: int) -> tuple[bool, NDArray[np.int64], int]:
    """Move on the unit too many that is in bin b, and those it pushes out, until one comes to a free place.

    Parameters
    ----------
    log
        int64 (k, 3): row, pair left and pair entered of the moves so far, ``moves`` of them.

    Returns
    -------
    bool, log, moves
        False where no free place can be reached: all bins that the unit was moved through are closed now, and
        ``take_back`` must undo the moves.
    """
    while hall.room[b] < 0:
        # someone in b who could sit one step closer to a free place
        closer = hall.label[b] - 1
        entered = -1
        while hall.pointer[b] < hall.members[b]:
            row = hall.member_row[hall.first[b] + hall.pointer[b]]
            for pair in range(hall.start[row], hall.start[row + 1]):
                if hall.label[hall.bins[pair]] == closer:
                    entered = pair
                    break
            if entered >= 0:
                break
            hall.pointer[b] += 1
        if entered < 0:
            if not _relabel(hall, b):
                return False, log, moves
            continue
        at = hall.first[b] + hall.pointer[b]
        row, left = hall.member_row[at], hall.member_pair[at]
        if moves == log.shape[0]:
            longer = np.empty((2 * moves, 3), np.int64)
            longer[:moves] = log
            log = longer
        log[moves, 0], log[moves, 1], log[moves, 2] = row, left, entered
        moves += 1
        _leave_at(hall, at)
        enter(hall, row, entered, 1)
        b = hall.bins[entered]
    return True, log, moves


@compiled
def take_back(hall: Hall, log: NDArray[np.int64], moves: int) -> None:
    """Undo the moves in the log, the last one first."""
    for z in range(moves - 1, -1, -1):
        leave(hall, log[z, 2])
        enter(hall, log[z, 0], log[z, 1], 1)


@compiled
def seat(hall: Hall, row: int, most: int, log: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """Seat units of a row where a free place is nearest, moving others on if need be.

    Parameters
    ----------
    most
        Units to seat at most; more than one only where they find free places in one bin.
    log
        int64 (k, 3), to write moves to.

    Returns
    -------
    int, log
        The units seated; 0 where all bins that the row accepts were closed, -1 where this search has closed them.
    """
    best = nearest_room(hall, row)
    if best < 0:
        return 0, log
    b = hall.bins[best]
    units = max(1, min(most, hall.room[b]))
    enter(hall, row, best, units)
    done, log, moves = make_room(hall, b, log, 0)
    if done:
        return units, log
    take_back(hall, log, moves)
    leave(hall, best)
    return -1, log


@compiled
def _relabel(hall: Hall, b: int) -> bool:
    """Raise the label of a bin where nobody can move closer; False where that closes it."""
    nearest = CLOSED
    for at in range(hall.first[b], hall.first[b] + hall.members[b]):
        row = hall.member_row[at]
        for pair in range(hall.start[row], hall.start[row + 1]):
            if hall.bins[pair] != b:
                nearest = min(nearest, hall.label[hall.bins[pair]])
    old = hall.label[b]
    hall.pointer[b] = 0
    if nearest + 1 == old:
        return True  # labels were lowered after a search that failed, so the pointer may have passed someone by
    hall.at_label[old] -= 1
    gap = hall.at_label[old] == 0
    if nearest < CLOSED and not gap:
        hall.label[b] = nearest + 1
        hall.at_label[nearest + 1] += 1
        return True
    hall.label[b] = CLOSED
    if gap:
        for c in range(hall.label.size):
            if old < hall.label[c] < CLOSED:
                hall.at_label[hall.label[c]] -= 1
                hall.label[c] = CLOSED
    return False
