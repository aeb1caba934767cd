"""Who stands ahead in line and named any of the same things, such as offices: counted once for everybody."""

from collections.abc import Hashable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled


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
