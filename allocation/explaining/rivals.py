"""Who stands ahead in line and wants some of the same bins."""

from collections.abc import Hashable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.explaining.askers import askers_of
from allocation.problem import Problem


class Rivals:
    """Counts for many requests of one problem; the requests of each bin are listed once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._starts, self._askers = askers_of(problem)

    def ahead(self, request: int) -> tuple[int, int]:
        """Count requests, and the people in them, ahead of this one that ask for at least one of its bins."""
        problem = self._problem
        asked = problem.pair_bin[problem.first_pair[request] : problem.first_pair[request + 1]]
        return _count(self._starts, self._askers, asked, problem.order, problem.party, request)


@compiled
def _count(
    starts: NDArray[np.int64],
    askers: NDArray[np.int32],
    asked: NDArray[np.int32],
    order: NDArray[np.int32],
    party: NDArray[np.int8],
    request: int,
) -> tuple[int, int]:
    seen = np.zeros(order.size, np.bool_)
    requests = people = 0
    for b in asked:
        for at in range(starts[b], starts[b + 1]):
            rival = askers[at]
            if order[rival] < order[request] and not seen[rival]:
                seen[rival] = True
                requests += 1
                people += party[rival]
    return requests, people


def people_ahead(
    label: NDArray[np.integer],
    names: Sequence[Sequence[Hashable]],
    party: NDArray[np.integer],
    order: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Count the people ahead in line who named any of the same things.

    Down the line, people are counted for every combination of names; the union of a request's names then follows by
    inclusion and exclusion.

    Parameters
    ----------
    label
        int (n,), which list of ``names`` each request has.
    names
        Lists of different names.
    party, order
        int (n,), people and position in line of each.

    Returns
    -------
    NDArray[np.int64]
        (n,).
    """
    numbers: dict[tuple[Hashable, ...], int] = {}
    starts, which, signs = [0], [], []
    for list_ in names:
        for size in range(1, len(list_) + 1):
            for combination in combinations(sorted(list_, key=str), size):
                which.append(numbers.setdefault(combination, len(numbers)))
                signs.append(1 if size % 2 else -1)
        starts.append(len(which))
    return _counted(
        np.argsort(order),
        label.astype(np.int64),
        party.astype(np.int64),
        np.array(starts, np.int64),
        np.array(which, np.int64),
        np.array(signs, np.int64),
        np.zeros(len(numbers), np.int64),
    )


@compiled
def _counted(
    line: NDArray[np.int64],
    label: NDArray[np.int64],
    party: NDArray[np.int64],
    starts: NDArray[np.int64],
    which: NDArray[np.int64],
    signs: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> NDArray[np.int64]:
    ahead = np.zeros(line.size, np.int64)
    for row in line:
        for at in range(starts[label[row]], starts[label[row] + 1]):
            ahead[row] += signs[at] * asked[which[at]]
            asked[which[at]] += party[row]
    return ahead
