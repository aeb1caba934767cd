"""Goals one after another: search, prove, and ask CP-SAT where the two do not meet."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocation.timetabling.bound import at_least
from allocation.timetabling.exact import Exact
from allocation.timetabling.packing import Packing
from allocation.timetabling.search import search

LEVELS = (0, 1, None)
"""By how many units visits may be longer than the shortest; None: by any number."""
_QUICK = 20_000_000
_LONG = 100_000_000
"""Effort of one search: about a tenth and half a second."""
_SEEDS = 4

Seats = NDArray[np.int64]


class NoSeatsError(RuntimeError):
    """CP-SAT gave up while it seated a timetable that can be seated: give it more work."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked.

    ``make``: the packing with visits of a level, and a choice to start from; ``seat``: the counters of all people of a
    choice, None where these starts cannot be seated; ``exact``: the model with its counters.
    """

    make: Callable[[int | None], tuple[Packing, NDArray[np.int64]]]
    seat: Callable[[Packing, NDArray[np.int64]], Seats | None]
    exact: Callable[[Packing], Exact]


@dataclass(frozen=True, eq=False)
class Chosen:
    """One option per party, in the packing's order; what each goal is, and cannot be below given those before it."""

    packed: Packing
    choice: NDArray[np.int64]
    values: list[int]
    bounds: list[int]

    @property
    def proven(self) -> bool:
        """Whether no goal can be better without harm to one before it."""
        return self.values == self.bounds

    @property
    def could_be_longer(self) -> bool:
        """Whether longer visits than the options describe could improve a goal."""
        return any(
            value > bound and not self.packed.complete(_up_to(self.packed, [*self.values[:number], value - 1]))
            for number, (value, bound) in enumerate(zip(self.values, self.bounds, strict=True))
        )


@dataclass(frozen=True, eq=False)
class Solved(Chosen):
    """The same with everyone's counter."""

    seats: Seats


@dataclass
class _Work:
    """What is left of CP-SAT's deterministic time; each answer may use half of it."""

    left: float


class _Prover:
    """CP-SAT over one packing, built where it is needed."""

    def __init__(self, question: Question, packed: Packing, work: _Work) -> None:
        self._question, self._packed, self._work = question, packed, work

    @cached_property
    def _model(self) -> Exact:
        return self._question.exact(self._packed)

    def improve(
        self, choice: NDArray[np.int64], goal: int, bound: int, hint: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], int]:
        """Find a better choice in one goal, and a better bound where the options are all that matter."""
        packed, values = self._packed, self._packed.values(choice)
        room = _up_to(packed, values[:goal])
        answer = self._model.minimise(goal, room, hint, least=bound, work=self._work.left / 2)
        self._work.left -= answer.work
        if answer.choice is not None and packed.values(answer.choice) < values:
            choice = answer.choice
            values = packed.values(choice)
        if packed.complete(_up_to(packed, [*values[:goal], values[goal] - 1])):
            bound = min(max(bound, answer.bound), values[goal])
        return choice, bound


def optimise(question: Question, *, work: float) -> Solved:
    """Reach the goals in their order, with seats; ``work`` limits CP-SAT's deterministic time."""
    best: Solved | None = None
    left = _Work(work)
    for level in LEVELS:
        packed, start = question.make(level)
        found = _seated(question, packed, start, left)
        best = found if best is None else _better(best, found)
        if best.proven or not best.could_be_longer:
            break
    assert best is not None  # noqa: S101 - there are levels
    return best


def can_all_be_placed(question: Question, *, work: float) -> bool | None:
    """Whether the first goal can be 0; None where neither was proven."""
    for level in (LEVELS[0], LEVELS[-1]):
        packed, start = question.make(level)
        room = _up_to(packed, [0])
        found = search(packed, room, start, effort=_QUICK, seed=0)
        if found is not None and question.seat(packed, found) is not None:
            return True
        if level is None or packed.complete(room):
            answer = question.exact(packed).minimise(0, room, start, least=0, work=work)
            if answer.choice is not None and packed.values(answer.choice)[0] == 0:
                return True
            return False if answer.bound > 0 and packed.complete(room) else None
    return None


def _seated(question: Question, packed: Packing, start: NDArray[np.int64], left: _Work) -> Solved:
    """Search from a few seeds until a choice can be seated; else ask for one that CP-SAT knows to seat."""
    for seed in range(_SEEDS):
        found = _at_once(packed, start, seed)
        if found is None:
            break
        seats = question.seat(packed, found.choice)
        if seats is not None:
            return Solved(**vars(found), seats=seats)
    prover = _Prover(question, packed, left)
    found = _one_by_one(packed, start, prover)
    seats = question.seat(packed, found.choice)
    if seats is None:
        found = _by_exact(packed, found, prover)
        seats = question.seat(packed, found.choice)
    if seats is None:
        raise NoSeatsError("no seats were found for a timetable that has some")
    return Solved(**vars(found), seats=seats)


def _at_once(packed: Packing, start: NDArray[np.int64], seed: int) -> Chosen | None:
    """Reach every goal's least value at once: usual, and then nothing has to be proven."""
    least = [goal.least for goal in packed.goals]
    found = search(packed, _up_to(packed, least), start, effort=_QUICK, seed=seed)
    return None if found is None else Chosen(packed, found, packed.values(found), least)


def _one_by_one(packed: Packing, start: NDArray[np.int64], prover: _Prover) -> Chosen:
    """Lower one goal after another: search, bound, and CP-SAT where they do not meet."""
    least = [goal.least for goal in packed.goals]
    choice = search(packed, packed.room, start, effort=_QUICK, seed=0)
    if choice is None:
        choice = packed.nobody
    bounds: list[int] = []
    for number, goal in enumerate(packed.goals):
        values = packed.values(choice)
        bound = least[number] if values[:number] == least[:number] else 0
        if values[number] > bound:
            room = _up_to(packed, values[:number])
            bound = max(bound, at_least(packed, goal, room, values[number]))
            choice = _lower(packed, choice, number, bound)
            values = packed.values(choice)
        if values[number] > bound:
            choice, bound = prover.improve(choice, number, bound, choice)
        bounds.append(bound)
    return Chosen(packed, choice, packed.values(choice), bounds)


def _by_exact(packed: Packing, unseated: Chosen, prover: _Prover) -> Chosen:
    """Begin anew where a choice could not be seated."""
    choice, bounds = packed.nobody, list(unseated.bounds)
    for number in range(len(packed.goals)):
        if packed.values(choice)[number] > bounds[number]:
            hint = unseated.choice if number == 0 else choice
            choice, bounds[number] = prover.improve(choice, number, bounds[number], hint)
    return Chosen(packed, choice, packed.values(choice), bounds)


def _lower(packed: Packing, choice: NDArray[np.int64], number: int, bound: int) -> NDArray[np.int64]:
    """Try the bound itself, then halve what is between it and the best that was found."""
    values = packed.values(choice)
    low, aim = bound, bound
    while low < values[number]:
        found = search(packed, _up_to(packed, [*values[:number], aim]), choice, effort=_LONG, seed=0)
        if found is None:
            low = aim + 1
        else:
            choice, values = found, packed.values(found)
        aim = (low + values[number]) // 2
    return choice


def _up_to(packed: Packing, values: list[int]) -> NDArray[np.int64]:
    """Room of the rows where the first goals are held at these values."""
    room = packed.room.copy()
    for goal, value in zip(packed.goals, values, strict=False):
        room[goal.rows] = value
    return room


def _better(one: Solved, other: Solved) -> Solved:
    """Keep the better choice, and of each goal the better bound that holds for it.

    A bound was found while the goals before it were held at some values: it holds where none of them is higher now.
    """
    best = min((other, one), key=lambda solved: solved.values)
    bounds = list(best.bounds)
    for solved in (one, other):
        for number, bound in enumerate(solved.bounds):
            if any(mine > held for mine, held in zip(best.values[:number], solved.values[:number], strict=True)):
                break
            bounds[number] = max(bounds[number], bound)
    return replace(best, bounds=bounds)
