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
    rows = np.flatnonzero(plan.bin_of_request < 0)
    rows = rows[np.argsort(cut_offs.turn[rows])]
    until = int(cut_offs.turn[rows[0]]) if rows.size else 0
    for units in np.unique(problem.units[rows])[::-1].tolist():  # cut-offs of the largest say those of smaller ones
        own = rows[problem.units[rows] == units]
        found[own] = _find(
            own,
            cut_offs.turn,
            cut_offs.of(units, until=until),
            (problem.first_pair, problem.pair_bin),
            (places.office, places.day, places.weekday, places.band, places.kind),
            (places.km, np.argsort(places.km, axis=1), km_of_a_day),
            (wished.kind, wished.first, wished.last, wished.needed, wished.weekdays, wished.bands),
            (wished.label, wished.starts, wished.offices),
        )
    return found


@compiled
def _find(
    rows: NDArray[np.int64],
    turn: NDArray[np.int64],
    cut_offs: NDArray[np.int64],
    pairs: tuple[NDArray[np.int64], NDArray[np.int32]],
    bins: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    travel: tuple[NDArray[np.float64], NDArray[np.int64], int],
    wishes: tuple[
        *tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
        *tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    ],
    named: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """Find it for rows of one size, by rising turn: a bin that comes too late for one of them does for all behind.

    Offices are looked at by their distance, the named ones first, as long as one could still cost less or as little.
    """
    first_pair, pair_bin = pairs
    km, by_distance, km_of_a_day = travel
    office, day, weekday, band, kind = bins
    kinds, firsts, lasts, neededs, weekday_bits, band_bits = wishes
    label, starts, offices = named
    asked, is_named = np.zeros(office.size, np.bool_), np.zeros(km.shape[0], np.bool_)
    anywhere, no_km = np.arange(km.shape[0]), np.zeros(km.shape[0])
    still_open, start, number = _by_office(office, cut_offs > turn[rows[0]], km.shape[0])
    found = np.full(rows.size, NOWHERE)
    for place in range(rows.size):
        row = rows[place]
        asked[pair_bin[first_pair[row] : first_pair[row + 1]]] = True
        begin, end = starts[label[row]], starts[label[row] + 1]
        is_named[offices[begin:end]] = True
        nearby, far = (by_distance[offices[begin]], km[offices[begin]]) if end > begin else (anywhere, no_km)
        best, least, best_is_early = NOWHERE, np.inf, True
        for step in range(begin - end, km.shape[0]):
            o = offices[end + step] if step < 0 else nearby[step]
            if step >= 0 and is_named[o]:
                continue
            away = 0.0 if step < 0 else far[o]
            if away > least and not best_is_early:
                break
            still = start[o]
            for at in range(start[o], start[o] + number[o]):
                b = still_open[at]
                if cut_offs[b] <= turn[row]:
                    continue
                still_open[still] = b
                still += 1
                if asked[b] or not kind[b] & kinds[row] or day[b] > neededs[row]:
                    continue
                early = day[b] < firsts[row]
                if early and not best_is_early:
                    continue
                days = max(firsts[row] - day[b], 0) + max(day[b] - lasts[row], 0)
                days += 1 - ((weekday_bits[row] >> weekday[b]) & (band_bits[row] >> band[b]) & 1)
                cost = away + km_of_a_day * days
                if cost < least or (cost == least and b < best) or (best_is_early and not early):
                    best, least, best_is_early = b, cost, early
            number[o] = still - start[o]
        found[place] = best
        asked[pair_bin[first_pair[row] : first_pair[row + 1]]] = False
        is_named[offices[begin:end]] = False
    return found


@compiled
def _by_office(
    office: NDArray[np.int64], is_open: NDArray[np.bool_], offices: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the open bins, office by office, where those of each office start, and how many they are."""
    number = np.zeros(offices, np.int64)
    for b in range(office.size):
        number[office[b]] += is_open[b]
    start = np.cumsum(number) - number
    next_one, grouped = start.copy(), np.empty(number.sum(), np.int64)
    for b in range(office.size):
        if is_open[b]:
            grouped[next_one[office[b]]] = b
            next_one[office[b]] += 1
    return grouped, start, number
