"""Small random problems, and slow independent answers to them."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from allocation import Problem
from allocation.line import Line, as_asked


def problem(
    wishes: list[list[tuple[int, int]]],
    places: list[int],
    *,
    order: list[int] | None = None,
    party: list[int] | None = None,
    **extra: Any,
) -> Problem:
    """Make a problem of one list of (bin, rank) per request."""
    pairs = [(request, place, rank) for request, options in enumerate(wishes) for place, rank in options]
    columns = np.array(pairs, np.int64).reshape(-1, 3).T
    n = len(wishes)
    return Problem(
        pair_request=columns[0],
        pair_bin=columns[1],
        pair_rank=columns[2],
        party=np.array(party if party is not None else [1] * n, np.int64),
        order=np.array(order if order is not None else range(n), np.int64),
        places=np.array(places, np.int64),
        **{name: np.array(values, np.int64) for name, values in extra.items()},
    )


def line_up(problem: Problem) -> Line:
    """Put all requests in line, whether bins connect them or not."""
    whole = as_asked(problem)
    return whole.select(np.argsort(problem.order), np.arange(problem.bins), whole.places)


@st.composite
def problems(
    draw: st.DrawFn, *, requests: int = 6, bins: int = 3, largest: int = 1, places: int = 3, tiers: int = 1
) -> Problem:
    """Any problem up to these sizes, with late pairs, ranks and costs."""
    n, m = draw(st.integers(1, requests)), draw(st.integers(1, bins))
    rows = [(i, b) for i in range(n) for b in range(m) if draw(st.booleans())]
    k = len(rows)
    lists = st.lists
    order = draw(st.permutations(range(n)))
    tier = sorted(draw(lists(st.integers(0, tiers - 1), min_size=n, max_size=n)), reverse=True)
    return Problem(
        pair_request=np.array([i for i, _ in rows], np.int64),
        pair_bin=np.array([b for _, b in rows], np.int64),
        pair_rank=np.array(draw(lists(st.integers(0, 2), min_size=k, max_size=k)), np.int64),
        pair_late=np.array(draw(lists(st.integers(0, 1), min_size=k, max_size=k)), np.int64),
        pair_cost=np.array(draw(lists(st.integers(0, 3), min_size=k, max_size=k)), np.int64),
        party=np.array(draw(lists(st.integers(1, largest), min_size=n, max_size=n)), np.int64),
        order=np.array(order, np.int64),
        tier=np.array([tier[position] for position in order], np.int64),
        places=np.array(draw(lists(st.integers(0, places), min_size=m, max_size=m)), np.int64),
    )


def placements(given: Problem) -> list[list[int]]:
    """All feasible placements, by trying everything."""
    options: list[list[int]] = [[-1] for _ in range(given.requests)]
    for request, place in zip(given.pair_request.tolist(), given.pair_bin.tolist(), strict=True):
        options[request].append(place)
    return [list(choice) for choice in itertools.product(*options) if _fits(given, choice)]


def _fits(given: Problem, choice: tuple[int, ...]) -> bool:
    room = given.places.tolist()
    for request, place in enumerate(choice):
        if place >= 0:
            room[place] -= int(given.units[request])
    return min(room, default=0) >= 0


def served_in_line(given: Problem, choice: list[int]) -> tuple[bool, ...]:
    """Who is served, in line order: larger is better for those who stand ahead."""
    return tuple(choice[request] >= 0 for request in np.argsort(given.order))


def goals(given: Problem, choice: list[int]) -> tuple[int, int, int]:
    """Late units, then rank, then cost, summed over the placement; smaller is better."""
    facts = {
        (int(i), int(b)): (int(late), int(rank), int(cost))
        for i, b, late, rank, cost in zip(
            given.pair_request, given.pair_bin, given.pair_late, given.pair_rank, given.pair_cost, strict=True
        )
    }
    chosen = [facts[request, place] for request, place in enumerate(choice) if place >= 0]
    return (sum(c[0] for c in chosen), sum(c[1] for c in chosen), sum(c[2] for c in chosen))


def greedy(given: Problem) -> set[int]:
    """Walk the line and serve each who can be served beside all served so far, by augmenting paths over places."""
    options = [given.pair_bin[given.pair_request == request].tolist() for request in range(given.requests)]
    held: dict[tuple[int, int], int] = {}

    def seat(request: int, seen: set[tuple[int, int]]) -> bool:
        for place in options[request]:
            for number in range(int(given.places[place])):
                if (place, number) in seen:
                    continue
                seen.add((place, number))
                other = held.get((place, number))
                if other is None or seat(other, seen):
                    held[place, number] = request
                    return True
        return False

    return {request for request in np.argsort(given.order).tolist() if seat(request, set())}


def with_pair(given: Problem, request: int, place: int) -> Problem:
    """The same problem where one request accepts one more bin, as its last choice."""
    return replace(
        given,
        pair_request=np.append(given.pair_request, request),
        pair_bin=np.append(given.pair_bin, place),
        pair_rank=np.append(given.pair_rank, 9),
        pair_late=np.append(given.pair_late, False),
        pair_cost=np.append(given.pair_cost, 0),
    )


def chosen(rows: int, bins: dict[int, int]) -> NDArray[np.int32]:
    """A placement of these rows in these bins, all others not served."""
    bin_of_row = np.full(rows, -1, np.int32)
    for row, place in bins.items():
        bin_of_row[row] = place
    return bin_of_row
