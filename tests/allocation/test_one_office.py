"""Everybody asks for the same office: whoever is first in line has its places, nobody else, whatever the crowd."""

import numpy as np

from allocation import Problem, solve, verify

DAYS = 5
PLACES = 60


def a_crowd(count, parties):
    """Return a crowd in which everybody takes any day of one office, some of them with a family."""
    chance = np.random.default_rng(count)
    party = np.where(chance.random(count) < parties, chance.integers(2, 6, count), 1)
    return Problem(
        pair_request=np.repeat(np.arange(count, dtype=np.int32), DAYS),
        pair_bin=np.tile(np.arange(DAYS, dtype=np.int32), count),
        pair_rank=np.zeros(DAYS * count, np.int8),
        party=party.astype(np.int8),
        order=chance.permutation(count).astype(np.int32),
        places=np.full(DAYS, PLACES, np.int32),
    )


def test_of_a_crowd_of_single_people_the_first_in_line_have_all_places_of_the_office():
    problem = a_crowd(60_000, 0.0)

    plan = solve(problem)

    served = np.flatnonzero(plan.bin_of_request >= 0)
    assert sorted(problem.order[served]) == list(range(DAYS * PLACES))
    assert np.bincount(plan.bin_of_request[served]).tolist() == [PLACES] * DAYS
    assert plan.gap_people == 0
    assert verify(problem, plan).ok


def test_of_a_crowd_with_families_no_place_of_the_office_is_left_or_sold_twice():
    problem = a_crowd(20_000, 0.3)

    plan = solve(problem)

    served = np.flatnonzero(plan.bin_of_request >= 0)
    taken = np.bincount(plan.bin_of_request[served], weights=problem.party[served], minlength=DAYS)
    assert taken.tolist() == [PLACES] * DAYS
    assert verify(problem, plan).ok
