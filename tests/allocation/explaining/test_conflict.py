import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.building.samples import country
from allocation.explaining.conflict import Conflict, conflict
from allocation.problem import Problem
from allocation.solver import solve
from tests.allocation import small
from tests.support.effort import examples


def short_ones(problem: Problem, sets: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Those sets of requests that have more units than places in all bins that they accept and fit into."""
    units, places = problem.units.tolist(), problem.places.tolist()
    bins: list[set[int]] = [set() for _ in units]
    for request, place in zip(problem.pair_request.tolist(), problem.pair_bin.tolist(), strict=True):
        if units[request] <= places[place]:
            bins[request].add(place)

    def short(rows: tuple[int, ...]) -> bool:
        return sum(units[row] for row in rows) > sum(places[one] for one in set().union(*(bins[row] for row in rows)))

    return [rows for rows in sets if short(rows)]


def subsets(rows: list[int]):
    return itertools.chain.from_iterable(itertools.combinations(rows, size) for size in range(1, len(rows) + 1))


@pytest.mark.slow
@settings(max_examples=examples(30, nightly=100))
@given(small.problems(requests=7, bins=4, largest=3, places=5), st.data())
def test_there_is_a_conflict_exactly_where_some_requests_have_too_few_places(
    problem: Problem, data: st.DataObject
) -> None:
    n = problem.requests
    must = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))

    found = conflict(problem, must)

    rows = np.flatnonzero(must).tolist()
    assert (found is None) == (not short_ones(problem, subsets(rows)))
    if found is not None:
        inside = found.requests.tolist()
        assert set(inside) <= set(rows)
        assert short_ones(problem, subsets(inside)) == [tuple(inside)]
        assert found.units > found.places
        assert found.units == problem.units[inside].sum()
        assert found.places == problem.places[found.bins].sum()


@given(small.problems(requests=6, bins=3))
def test_singles_are_all_served_exactly_where_there_is_no_conflict(problem: Problem) -> None:
    everyone = np.ones(problem.requests, np.bool_)

    found = conflict(problem, everyone)

    together = any(min(choice) >= 0 for choice in small.placements(problem))
    assert (found is None) == together


def test_families_may_lack_a_place_although_their_units_do_not() -> None:
    problem = small.problem([[(0, 0), (1, 0)]] * 3, [3, 3], party=[2, 2, 2])

    assert conflict(problem, np.ones(3, np.bool_)) is None
    assert solve(problem).served_requests == 2


def test_families_that_are_not_needed_for_a_conflict_are_left_out_of_it() -> None:
    # all four have 12 units for 10 places, but the last two alone have 6 for 5
    problem = small.problem([[(0, 0)], [(0, 0), (1, 0)], [(1, 0)], [(1, 0)]], [5, 5], party=[3] * 4)

    found = conflict(problem, np.ones(4, np.bool_))

    assert found is not None
    assert found.requests.tolist() == [2, 3]


def test_a_conflict_says_what_is_missing() -> None:
    problem = small.problem([[(0, 0)], [(0, 0), (1, 0)], [(2, 0)], [(2, 0)]], [2, 1, 1], party=[2, 2, 1, 1])

    families = conflict(problem, np.array([True, True, False, False]))
    singles = conflict(problem, np.array([True, False, True, True]))

    # a bin of one place is none for a family of two
    assert families is not None
    assert families.words() == "2 requests of 4 units have only 1 bin with 2 places to go to"
    assert singles is not None
    assert singles.requests.tolist() == [2, 3]
    assert singles.bins.tolist() == [2]
    assert conflict(problem, np.array([True, False, True, False])) is None


def test_a_request_that_fits_nowhere_is_a_conflict_of_its_own() -> None:
    problem = small.problem([[(0, 0)], [(1, 0)], [(1, 0)]], [1, 1], party=[3, 1, 1])

    found = conflict(problem, np.ones(3, np.bool_))

    assert found is not None
    assert found.requests.tolist() == [0]
    assert found.words() == "1 request of 3 units has no bin to go to"


def test_many_bins_are_counted() -> None:
    assert Conflict(np.arange(12), np.arange(4), 31, 24).words() == (
        "12 requests of 31 units have only 4 bins with 24 places to go to"
    )


def test_in_a_country_where_twice_as_many_ask_a_small_conflict_is_found() -> None:
    problem = country(3_000, seed=4, home_offices=4, consulates=4, days=5)

    found = conflict(problem, np.ones(problem.requests, np.bool_))

    assert found is not None
    assert short_ones(problem, [tuple(found.requests.tolist())])
    for one in found.requests.tolist():
        alone = np.isin(np.arange(problem.requests), found.requests[found.requests != one])
        assert conflict(problem, alone) is None


def test_no_conflict_where_nobody_must_be_served() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [1])

    assert conflict(problem, np.zeros(2, np.bool_)) is None
    for wrong in (np.ones(3, np.bool_), np.ones(2, np.int64)):
        with pytest.raises(ValueError, match="must: expected true or false for each of 2 requests"):
            conflict(problem, wrong)
