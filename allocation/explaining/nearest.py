"""What would have cost least: the nearest place that each of many unserved requests could have had."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.explaining.cutoffs import Cutoffs
from allocation.plan import Plan
from allocation.problem import Problem

NOWHERE: Final = -1


@dataclass(frozen=True, eq=False)
class Places:
    """Where and when bins are, columns over m bins: ``office``, ``day``, ``weekday`` (0 to 6), ``band`` (0 to 62).

    ``kind``: a bit mask of the kinds of request that may have it. ``km``: float64, from office to office.
    """

    office: NDArray[np.int64]
    day: NDArray[np.int64]
    weekday: NDArray[np.int64]
    band: NDArray[np.int64]
    kind: NDArray[np.int64]
    km: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Wished:
    """What n requests wished: ``kind``: a bit; days from ``first`` to ``last``, none after ``needed``; bit masks.

    ``label``: which list of offices each named; list ``k`` is ``offices[starts[k]:starts[k + 1]]``, first choice first.
    """

    kind: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    needed: NDArray[np.int64]
    weekdays: NDArray[np.int64]
    bands: NDArray[np.int64]
    label: NDArray[np.int64]
    starts: NDArray[np.int64]
    offices: NDArray[np.int64]


def nearest(problem: Problem, plan: Plan, wished: Wished, places: Places, *, km_of_a_day: int) -> NDArray[np.int64]:
    """Return the bin that would have cost each request the least change, int64 (n,); `NOWHERE` where none would do.

    A bin helps a request that did not ask for it and would have had a place there. What it costs: kilometres from the
    first choice (none to an office that was named), and ``km_of_a_day`` for each day besides the wish; a weekday or
    band that was not wished counts as a day. The first day wished comes before the rest: earlier bins only where
    nothing else helps. The first bin among equals. Requests with a place have `NOWHERE`.
    """
    cut_offs, found = Cutoffs(problem, plan), np.full(problem.requests, NOWHERE, np.int64)
    asked, closed = np.zeros(problem.bins, np.bool_), np.zeros(places.km.shape[0], np.bool_)
    for row in np.flatnonzero(plan.bin_of_request < 0).tolist():
        turn = int(cut_offs.turn[row])
        helps = cut_offs.of(int(problem.units[row]), until=turn)
        pairs = problem.pair_bin[problem.first_pair[row] : problem.first_pair[row + 1]]
        label = wished.label[row]
        own = wished.offices[wished.starts[label] : wished.starts[label + 1]]
        asked[pairs] = True
        closed[own] = True
        found[row] = _nearest(
            helps,
            turn,
            asked,
            (places.office, places.day, places.weekday, places.band, places.kind),
            places.km[own[0]] if own.size else np.zeros(places.km.shape[0]),
            closed,
            (
                int(wished.kind[row]),
                int(wished.first[row]),
                int(wished.last[row]),
                int(wished.needed[row]),
                int(wished.weekdays[row]),
                int(wished.bands[row]),
            ),
            km_of_a_day,
        )
        asked[pairs] = False
        closed[own] = False
    return found


@compiled
def _nearest(
    cut_offs: NDArray[np.int64],
    turn: int,
    asked: NDArray[np.bool_],
    bins: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    km: NDArray[np.float64],
    named: NDArray[np.bool_],
    wish: tuple[int, int, int, int, int, int],
    km_of_a_day: int,
) -> int:
    office, day, weekday, band, kind = bins
    own_kind, first, last, needed, weekdays, bands = wish
    best, least, best_is_early = NOWHERE, np.inf, True
    for b in range(office.size):
        if cut_offs[b] <= turn or asked[b] or not kind[b] & own_kind or day[b] > needed:
            continue
        early = day[b] < first
        if early and not best_is_early:
            continue
        days = max(first - day[b], 0) + max(day[b] - last, 0)
        days += 0 if (weekdays >> weekday[b]) & (bands >> band[b]) & 1 else 1
        cost = (0.0 if named[office[b]] else km[office[b]]) + km_of_a_day * days
        if cost < least or (best_is_early and not early):
            best, least, best_is_early = b, cost, early
    return best
