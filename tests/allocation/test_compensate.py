from dataclasses import replace

import numpy as np
import pytest

from allocation import Problem, solve
from allocation.building.samples import country
from allocation.compensate import compensated, even_compensation
from tests.allocation import small
from tests.support.effort import examples


def unfairness(problem: Problem, lotteries: int) -> float:
    """Mean distance between the chance of a request's party size and that of all, over lotteries not rehearsed.

    Only those count whom some bin could take.
    """
    possible = np.zeros(problem.requests, np.bool_)
    fits = problem.units[problem.pair_request] <= problem.places[problem.pair_bin]
    possible[problem.pair_request[fits]] = True
    served = np.zeros(problem.requests)
    for seed in range(lotteries):
        order = np.random.default_rng(1_000 + seed).permutation(problem.requests).astype(np.int32)
        served += solve(replace(problem, order=order), seconds=0.01).bin_of_request >= 0
    chance = np.bincount(problem.party[possible], served[possible]) / np.maximum(
        np.bincount(problem.party[possible]), 1
    )
    return float(np.abs(chance[problem.party[possible]] - served[possible].mean()).mean()) / lotteries


@pytest.mark.slow
def test_families_and_singles_have_more_equal_chances_with_compensation_than_without() -> None:
    problem = country(
        1_200, seed=1, home_offices=2, consulates=4, days=7, parties=0.45, mixed_durations=True, pools=True
    )

    table = even_compensation(problem)

    lotteries = examples(4, nightly=10)
    before = unfairness(problem, lotteries)
    assert before > 0.02  # or the test shows nothing
    assert unfairness(compensated(problem, table), lotteries) < 0.7 * before


@pytest.mark.slow
def test_compensation_depends_on_neither_the_line_nor_an_earlier_compensation() -> None:
    problem = country(examples(150, nightly=600), seed=2, home_offices=3, consulates=0, days=6, parties=0.5, tiers=1)
    turned = replace(problem, order=problem.order[::-1], compensation=np.full(problem.requests, 1500))

    assert even_compensation(turned) == even_compensation(problem)


@pytest.mark.parametrize("party", [[1, 1, 1], [3, 3, 3], []])
def test_where_all_are_of_one_size_nothing_is_compensated(party: list[int]) -> None:
    assert even_compensation(small.problem([[(0, 0)]] * len(party), [3], party=party)) == {}


def test_compensation_is_given_by_units_and_nothing_to_sizes_not_in_the_table() -> None:
    problem = small.problem([[(0, 0)]] * 3, [9], party=[1, 2, 4])

    assert compensated(problem, {2: 1100, 4: 1300}).compensation.tolist() == [1000, 1100, 1300]
