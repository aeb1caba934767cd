"""Whether requests that must all be served can be, and the smallest reason why not."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.explaining.shortage import bins_reached, leave_out, reached, serve, with_fewest_places
from allocation.problem import Problem
from allocation.serving.places import Hall, empty_hall


@dataclass(frozen=True, eq=False)
class Conflict:
    """Requests that cannot all be served, whatever happens to everyone else.

    Parameters
    ----------
    requests
        int64, rows, rising. Without any one of them, the others no longer show a conflict.
    bins
        int64, rising: all bins that at least one of them accepts and fits into.
    units, places
        Units of the requests, and places of the bins, which are fewer.
    """

    requests: NDArray[np.int64]
    bins: NDArray[np.int64]
    units: int
    places: int

    def words(self) -> str:
        """Return the conflict as an English sentence."""
        requests = "1 request" if self.requests.size == 1 else f"{self.requests.size} requests"
        has = "has" if self.requests.size == 1 else "have"
        if not self.bins.size:
            return f"{requests} of {self.units} units {has} no bin to go to"
        bins = "1 bin" if self.bins.size == 1 else f"{self.bins.size} bins"
        return f"{requests} of {self.units} units {has} only {bins} with {self.places} places to go to"


def conflict(problem: Problem, must: NDArray[np.bool_]) -> Conflict | None:
    """Find out whether some requests can all be served together.

    Parameters
    ----------
    problem
        n requests, m bins.
    must
        bool (n,), True for requests that must be served, such as all that have lost four draws.

    Returns
    -------
    Conflict or None
        None where they can, as far as splitting the units of a request between bins shows; that is certain where
        every request takes one unit. Otherwise the smallest conflict found: nothing can be left out of it, though
        another one may be smaller.

    Raises
    ------
    ValueError
        ``must`` is not a boolean column with a row for each request.

    Notes
    -----
    By Hall's theorem (P. Hall, "On representatives of subsets", J. London Math. Soc. 10, 1935) units can be served
    together unless some of them have fewer places in all bins that they accept. Serve as many as possible. From a unit
    left over no chain of moves reaches a free place: the bins that chains do reach are full, and all who sit there
    accept only bins among them. So these requests are a conflict. If it is of one unit too many, nothing can be left
    out: the unit left over takes the place of the one who is. Else requests are left out, the smallest first, as long
    as a conflict remains.
    """
    if np.shape(must) != (problem.requests,) or np.asarray(must).dtype != np.bool_:
        raise ValueError(f"must: expected true or false for each of {problem.requests} requests")
    requests = _short(problem, np.flatnonzero(must))
    if not requests.size:
        return None
    requests = _minimal(problem, requests)
    bins = _asked(problem, requests).bins
    return Conflict(
        requests=requests,
        bins=bins,
        units=int(problem.units[requests].sum(dtype=np.int64)),
        places=int(problem.places[bins].sum(dtype=np.int64)),
    )


class _Asked(NamedTuple):
    """Some requests alone.

    ``start``: int64 (k + 1,), first pair of each; ``column``: int32, for each pair the row of its bin in ``bins``:
    int64, numbered as in the problem.
    """

    start: NDArray[np.int64]
    column: NDArray[np.int32]
    bins: NDArray[np.int64]


def _asked(problem: Problem, requests: NDArray[np.int64]) -> _Asked:
    counts = np.diff(problem.first_pair)[requests]
    ends = np.cumsum(counts)
    row = np.repeat(np.arange(requests.size), counts)
    pairs = np.arange(row.size) + np.repeat(problem.first_pair[requests] - (ends - counts), counts)
    fits = problem.units[requests[row]] <= problem.places[problem.pair_bin[pairs]]
    start = columns.starts(np.bincount(row[fits], minlength=requests.size))
    bins, column = np.unique(problem.pair_bin[pairs[fits]], return_inverse=True)
    return _Asked(start, column.astype(np.int32), bins.astype(np.int64))


def _served(problem: Problem, requests: NDArray[np.int64]) -> tuple[Hall, NDArray[np.int64]]:
    """Serve as many of their units as possible, and say how many of each request are left over, int64 (k,)."""
    start, column, bins = _asked(problem, requests)
    units = problem.units[requests].astype(np.int64)
    # a place more than they could fill is never reached
    hall = empty_hall(start, column, np.minimum(problem.places[bins], units.sum() + 1).astype(np.int64))
    return hall, serve(hall, units)


def _short(problem: Problem, requests: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find few of the requests, rising, whose units cannot be served together, however split; none if all can be."""
    hall, left = _served(problem, requests)
    left_over = np.flatnonzero(left)
    if not left_over.size:
        return left_over
    return requests[reached(hall, with_fewest_places(hall, left_over, bins_reached(hall)))]


def _minimal(problem: Problem, requests: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leave out of what ``_short`` found whatever is not needed, the smallest requests first."""
    while True:
        hall, left = _served(problem, requests)
        units = problem.units[requests].astype(np.int64)
        too_many = int(left.sum())
        if too_many == 1:  # chains from this unit reach everyone, so it takes the place of the one who is left out
            return requests
        by_size = np.argsort(units, kind="stable")
        # these can go at once: one unit too many remains
        out = int(np.searchsorted(np.cumsum(units[by_size]), too_many - 1, side="right"))
        if not out:
            return requests[leave_out(hall, units, left, by_size)]
        requests = _short(problem, np.delete(requests, by_size[:out]))
