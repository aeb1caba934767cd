"""Goals one after another: search, prove, and ask CP-SAT where the two do not meet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from allocation.timetabling.bound import Outlook, outlook
from allocation.timetabling.exact import Exact
from allocation.timetabling.packing import Packing
from allocation.timetabling.search import search

LEVELS = (0, 1, None)
_QUICK = 400
_LONG = 1000
"""How often one search may look at all entries of a packing: a tenth and a quarter of a second for 300 people."""
_MOST = 50_000_000
_SEEDS = 8

Seats = NDArray[np.int64]


class Seater(Protocol):
    """Seats the people of a choice."""

    def __call__(self, packed: Packing, choice: NDArray[np.int64], *, quick: bool = False) -> Seats | None:
        """Give everyone a counter; None where that is impossible, or where ``quick`` gives up."""


class NoSeatsError(RuntimeError):
    """CP-SAT gave up while it seated a timetable that can be seated: give it more work."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked.

    ``make``: the packing with visits of a level, and a choice to start from; ``seat``: the counters of all people of a
    choice, None where these starts cannot be seated; ``exact``: the model with its counters; ``levels``: by how many
    units visits may be longer than the shortest, tried one after another (None: by any number).
    """

    make: Callable[[int | None], tuple[Packing, NDArray[np.int64]]]
    seat: Seater
    exact: Callable[[Packing], Exact]
    levels: Sequence[int | None] = LEVELS


@dataclass(frozen=True, eq=False)
class Chosen:
    """One option per party, in the packing's order; what each goal is, and cannot be below given those before it.

    ``longer``: of each goal, whether visits that are not described might better it.
    """

    packed: Packing
    choice: NDArray[np.int64]
    values: list[int]
    bounds: list[int]
    longer: list[bool]

    @property
    def proven(self) -> bool:
        """Whether no goal can be better without harm to one before it."""
        return self.values == self.bounds


@dataclass(frozen=True, eq=False)
class Solved(Chosen):
    """The same with everyone's counter."""

    seats: Seats


@dataclass
class _Work:
    """What is left of CP-SAT's deterministic time; each answer may use half of it."""

    left: float


def optimise(question: Question, *, work: float) -> Solved:
    """Reach the goals in their order, with seats; ``work`` limits CP-SAT's deterministic time."""
    best: Solved | None = None
    left = _Work(work)
    for level in question.levels:
        packed, start = question.make(level)
        found = _seated(question, packed, start, left, last=level is question.levels[-1])
        best = found if best is None else _better(best, found)
        if best.proven or not any(best.longer):
            break
    assert best is not None  # noqa: S101 - there are levels
    return best


def can_all_be_placed(question: Question, *, work: float) -> bool | None:
    """Whether the first goal can be 0; None where neither was proven."""
    left = _Work(work)
    for level in question.levels:
        packed, start = question.make(level)
        found = _search(packed, _up_to(packed, [0]), start, times=_QUICK)
        if found is not None and question.seat(packed, found) is not None:
            return True
        step = _Step(question, packed, 0, packed.nobody, left)
        step.ask(packed.nobody)
        if step.value == 0:
            return True
        if step.bound > 0:
            return False
        if not step.longer:
            break
    return None


def _seated(question: Question, packed: Packing, start: NDArray[np.int64], left: _Work, *, last: bool) -> Solved:
    """Search from a few seeds until a choice can be seated; else ask for one that CP-SAT knows to seat."""
    for seed in range(_SEEDS):
        found = _at_once(packed, start, seed)
        if found is None:
            break
        seats = question.seat(packed, found.choice, quick=seed < _SEEDS - 1)
        if seats is not None:
            return Solved(**vars(found), seats=seats)
    found = _one_by_one(question, packed, start, left, last=last)
    for seed in range(1, _SEEDS + 1):
        seats = question.seat(packed, found.choice)
        if seats is not None:
            return Solved(**vars(found), seats=seats)
        other = _search(packed, _up_to(packed, found.values), start, times=_LONG, seed=seed)
        if other is not None and packed.values(other) == found.values:
            found = replace(found, choice=other)
    found = _anew(question, found, left)
    seats = question.seat(packed, found.choice)
    if seats is None:
        raise NoSeatsError("no seats were found for a timetable that has some")
    return Solved(**vars(found), seats=seats)


def _at_once(packed: Packing, start: NDArray[np.int64], seed: int) -> Chosen | None:
    """Reach every goal's least value at once: usual, and then nothing has to be proven."""
    least = [goal.least for goal in packed.goals]
    found = _search(packed, _up_to(packed, least), start, times=_QUICK, seed=seed)
    return None if found is None else Chosen(packed, found, packed.values(found), least, [False] * len(least))


def _one_by_one(question: Question, packed: Packing, start: NDArray[np.int64], left: _Work, *, last: bool) -> Chosen:
    """Lower one goal after another: search, bound, and CP-SAT where they do not meet."""
    choice = _search(packed, packed.room, start, times=_QUICK)
    steps: list[_Step] = []
    for number in range(len(packed.goals)):
        steps.append(_Step(question, packed, number, packed.nobody if choice is None else choice, left))
        better = True
        while better:
            better = steps[-1].search()
            if not better and (last or not any(step.longer for step in steps)):
                better = steps[-1].ask(steps[-1].choice)
        choice = steps[-1].choice
    return _chosen(packed, steps)


def _anew(question: Question, unseated: Chosen, left: _Work) -> Chosen:
    """Begin with nobody placed where a choice could not be seated, and ask CP-SAT for every goal."""
    packed, choice = unseated.packed, unseated.packed.nobody
    steps: list[_Step] = []
    for number, bound in enumerate(unseated.bounds):
        steps.append(_Step(question, packed, number, choice, left))
        if packed.values(choice)[:number] == unseated.values[:number]:
            steps[-1].bound = max(steps[-1].bound, bound)
        better = steps[-1].ask(unseated.choice if number == 0 else choice)
        while better:
            better = steps[-1].ask(steps[-1].choice)
        choice = steps[-1].choice
    return _chosen(packed, steps)


def _chosen(packed: Packing, steps: list["_Step"]) -> Chosen:
    choice = steps[-1].choice
    bounds = [step.bound for step in steps]
    return Chosen(packed, choice, packed.values(choice), bounds, [step.longer for step in steps])


class _Step:
    """One goal while those before it are held: a choice that gets better, and what could still be better."""

    def __init__(self, question: Question, packed: Packing, goal: int, choice: NDArray[np.int64], left: _Work) -> None:
        self._question, self._packed, self._goal, self._left = question, packed, goal, left
        self.choice = choice
        values = packed.values(choice)
        self._room = _up_to(packed, values[:goal])
        least = [one.least for one in packed.goals]
        self.bound = least[goal] if values[:goal] == least[:goal] else 0
        self._look()

    @property
    def value(self) -> int:
        return self._packed.values(self.choice)[self._goal]

    @property
    def longer(self) -> bool:
        return self.value > self.bound and self._outlook is not None and self._outlook.longer

    @property
    def of_options(self) -> int:
        """No choice of options is below it."""
        return self.bound if self._outlook is None else max(self.bound, self._outlook.of_options)

    def search(self) -> bool:
        """Search for a better choice: the bound itself, then half-way to the best that is known."""
        low = aim = self.of_options
        found = False
        while self._outlook is not None and self._outlook.rest is not None and low < self.value:
            rest, room = self._outlook.rest, self._room.copy()
            room[rest.goals[self._goal].rows] = aim
            better = _search(rest, room, self._within(self.choice), times=_LONG)
            if better is None:
                low = aim + 1
            else:
                self.choice, found = self._outlook.options[better], True
            aim = (low + self.value) // 2
        if found:
            self._look()
        return found

    def ask(self, hint: NDArray[np.int64]) -> bool:
        """Ask CP-SAT for a better choice, or the proof that none exists; return whether there was one."""
        if self._outlook is None or self._outlook.rest is None or self.of_options == self.value:
            return False
        rest, most = self._outlook.rest, self.value - 1
        answer = self._question.exact(rest).minimise(
            self._goal, self._room, self._within(hint), least=self.of_options, most=most, work=self._left.left / 2
        )
        self._left.left -= answer.work
        if not self._outlook.longer:
            self.bound = max(self.bound, answer.bound)
        if answer.choice is None:
            return False
        self.choice = self._outlook.options[answer.choice]
        self._look()
        return True

    def _look(self) -> None:
        self._outlook: Outlook | None = None
        if self.value > self.bound:
            goal = self._packed.goals[self._goal]
            self._outlook = outlook(self._packed, goal, self._room, self.choice)
            self.bound = max(self.bound, self._outlook.of_all)

    def _within(self, choice: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the same options their numbers in the rest; the first of the group where one is not there."""
        assert self._outlook is not None  # noqa: S101 - called where there is a rest
        assert self._outlook.rest is not None  # noqa: S101
        options, rest = self._outlook.options, self._outlook.rest
        number = np.minimum(np.searchsorted(options, choice), options.size - 1)
        return np.where(options[number] == choice, number, rest.first_option[rest.group_of])


def _search(
    packed: Packing, room: NDArray[np.int64], start: NDArray[np.int64], *, times: int, seed: int = 0
) -> NDArray[np.int64] | None:
    """Search with an effort that grows with the packing, to a limit."""
    return search(packed, room, start, effort=min(times * packed.row.size, _MOST), seed=seed)


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
