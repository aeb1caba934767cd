"""Local search in a packing: let one party change its mind at a time until no row is exceeded.

A row that stays exceeded weighs more and more (P. Morris, "The breakout method for escaping from local minima", AAAI
1993), and forgets some of it now and then (W. Pullan and H. Hoos, "Dynamic local search for the maximum clique
problem", JAIR 25, 2006). Days of 300 people that CP-SAT does not fill in a minute take some thousand steps.
"""

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.timetabling.packing import Packing

_TRIES = 2
"""Parties compared in a step."""
_REST = 30
"""Steps for which a party that moved stays, at most."""
_FORGET = 0.3
"""How often no better step makes rows that are not exceeded lighter, instead of those that are heavier."""
_HUGE = 1 << 60


def search(
    packed: Packing, room: NDArray[np.int64], choice: NDArray[np.int64], *, effort: int, seed: int
) -> NDArray[np.int64] | None:
    """Find one option per party within the room of each row; None where ``effort`` was not enough.

    Parameters
    ----------
    room
        int64 (r,), the room of each row: that of the packing, or less where a goal is to be reached.
    choice
        int64 (p,), the options to start from.
    effort
        Limit on the entries of options that are looked at; a million takes a few milliseconds.
    """
    found = choice.copy()
    columns = (packed.group_of, packed.first_option, packed.first_entry, packed.row, packed.amount)
    return found if _search(columns, room, found, effort, seed) else None


_Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@compiled
def _search(columns: _Columns, room: NDArray[np.int64], choice: NDArray[np.int64], effort: int, seed: int) -> bool:
    np.random.seed(seed)  # noqa: NPY002 - numba's own generator, the same everywhere
    load = np.zeros(room.size, np.int64)
    weight = np.ones(room.size, np.int64)
    rests_until = np.zeros(choice.size, np.int64)
    exceeded = np.empty(room.size, np.int64)
    movable = np.empty(choice.size, np.int64)
    for option in choice:
        _add(columns, load, option, 1)
    step = 0
    while effort > 0:
        number = _exceeded(load, room, exceeded)
        if number == 0:
            return True
        worst = exceeded[np.random.randint(number)]  # noqa: NPY002
        there = _movable(columns, choice, worst, rests_until, step, movable)
        best, mover, target, equal = _HUGE, -1, -1, 0
        for position in range(min(there, _TRIES)):
            other = position + np.random.randint(there - position)  # noqa: NPY002
            movable[position], movable[other] = movable[other], movable[position]
            party = movable[position]
            change, option, ties, looked = _best_move(columns, load, room, weight, choice[party], party, best)
            effort -= looked
            if option >= 0 and change == best:
                equal += ties
                if np.random.randint(equal) < ties:  # noqa: NPY002
                    mover, target = party, option
            elif option >= 0 and change < best:
                best, mover, target, equal = change, party, option, ties
        if best >= 0:
            _reweigh(load, room, weight, exceeded[:number])
        if mover >= 0:
            _add(columns, load, choice[mover], -1)
            _add(columns, load, target, 1)
            choice[mover] = target
            rests_until[mover] = step + 1 + np.random.randint(_REST)  # noqa: NPY002
        effort -= room.size
        step += 1
    return False


@compiled
def _add(columns: _Columns, load: NDArray[np.int64], option: int, times: int) -> None:
    _, _, first_entry, row, amount = columns
    for entry in range(first_entry[option], first_entry[option + 1]):
        load[row[entry]] += times * amount[entry]


@compiled
def _exceeded(load: NDArray[np.int64], room: NDArray[np.int64], exceeded: NDArray[np.int64]) -> int:
    """List the rows that are exceeded; their number."""
    number = 0
    for row in range(room.size):
        if load[row] > room[row]:
            exceeded[number] = row
            number += 1
    return number


@compiled
def _movable(
    columns: _Columns,
    choice: NDArray[np.int64],
    worst: int,
    rests_until: NDArray[np.int64],
    step: int,
    movable: NDArray[np.int64],
) -> int:
    """List the parties that take something of a row and do not rest; their number."""
    _, _, first_entry, row, _ = columns
    there = 0
    for party in range(choice.size):
        if rests_until[party] <= step:
            for entry in range(first_entry[choice[party]], first_entry[choice[party] + 1]):
                if row[entry] == worst:
                    movable[there] = party
                    there += 1
                    break
    return there


@compiled
def _best_move(
    columns: _Columns,
    load: NDArray[np.int64],
    room: NDArray[np.int64],
    weight: NDArray[np.int64],
    left: int,
    party: int,
    limit: int,
) -> tuple[int, int, int, int]:
    """Find the option that lowers the weighted excess most: change, option, how many are equal, entries looked at.

    The option is -1 where none is at most ``limit``.
    """
    group_of, first_option, first_entry, row, amount = columns
    leaving = 0
    for entry in range(first_entry[left], first_entry[left + 1]):
        r = row[entry]
        leaving -= weight[r] * min(amount[entry], max(0, load[r] - room[r]))
        load[r] -= amount[entry]
    best, target, equal, looked = limit, -1, 0, 0
    group = group_of[party]
    for option in range(first_option[group], first_option[group + 1]):
        if option == left:
            continue
        change = leaving
        for entry in range(first_entry[option], first_entry[option + 1]):
            r = row[entry]
            looked += 1
            change += weight[r] * max(0, min(amount[entry], load[r] + amount[entry] - room[r]))
            if change > best:
                break
        if change < best or (change == best and target < 0):
            best, target, equal = change, option, 1
        elif change == best:
            equal += 1
            if np.random.randint(equal) == 0:  # noqa: NPY002
                target = option
    for entry in range(first_entry[left], first_entry[left + 1]):
        load[row[entry]] += amount[entry]
    return best, target, equal, looked


@compiled
def _reweigh(
    load: NDArray[np.int64], room: NDArray[np.int64], weight: NDArray[np.int64], exceeded: NDArray[np.int64]
) -> None:
    if np.random.random() < _FORGET:  # noqa: NPY002
        for row in range(room.size):
            if weight[row] > 1 and load[row] <= room[row]:
                weight[row] -= 1
    else:
        for row in exceeded:
            weight[row] += 1
