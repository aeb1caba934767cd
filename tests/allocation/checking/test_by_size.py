from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import Certificate, Plan, Problem, certify, solve, verify
from allocation.building.samples import country
from allocation.checking.certificate import flaw, proven_bound
from allocation.checking.proof import price_bound
from allocation.checking.verify import line_weights
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow

NOTHING = np.empty(0, np.int64)


@settings(max_examples=examples(50, nightly=300), deadline=None)
@given(small.problems(requests=5, bins=3, largest=4, places=7, tiers=2), st.data())
def test_no_prices_by_size_prove_less_than_the_best_plan(problem: Problem, data: st.DataObject) -> None:
    weight = line_weights(problem)
    sizes = np.unique(problem.units).astype(np.int64)
    top = int(weight.max(initial=0))
    prices = np.array(data.draw(st.lists(st.integers(0, top), min_size=problem.bins, max_size=problem.bins)), np.int64)
    whole = np.array([[data.draw(st.integers(0, top * int(size))) for size in sizes] for _ in range(problem.bins)])
    by_size = (whole - np.outer(prices, sizes)).ravel()

    best = max(
        sum(int(problem.units[i] * weight[i]) for i, place in enumerate(choice) if place >= 0)
        for choice in small.placements(problem)
    )

    assert not flaw(problem, prices, by_size)
    assert proven_bound(problem, prices, by_size) >= best


@given(small.problems(requests=6, bins=3, largest=4, places=7), st.data())
def test_prices_by_size_of_zero_prove_what_prices_prove(problem: Problem, data: st.DataObject) -> None:
    some = st.lists(st.integers(0, 9), min_size=problem.bins, max_size=problem.bins)
    prices = np.array(data.draw(some), np.int64)
    zero = np.zeros(problem.bins * np.unique(problem.units).size, np.int64)

    assert proven_bound(problem, prices, zero) == price_bound(problem, prices) == proven_bound(problem, prices, NOTHING)


@pytest.fixture(scope="module")
def families() -> Problem:
    return country(120, seed=1, parties=1.0, demand=1.5, home_offices=2, consulates=1, days=6)


@pytest.fixture(scope="module")
def plan(families: Problem) -> Plan:
    return solve(families, seconds=2)


def test_what_everyone_can_check_is_far_below_what_single_prices_prove(families: Problem, plan: Plan) -> None:
    certificate = certify(families, plan)

    single = price_bound(families, plan.prices) - plan.objective
    assert certificate.bound - plan.objective < single / 2
    assert verify(families, plan, certificate).ok


def test_prices_by_size_are_published_and_read_back(families: Problem, plan: Plan) -> None:
    certificate = Certificate.from_dict(certify(families, plan).to_dict())
    again = Plan.from_dict(plan.to_dict())

    assert certificate.by_size.tolist() == again.by_size.tolist() == plan.by_size.tolist()
    assert verify(families, again, certificate).ok


def test_a_plan_without_them_is_published_as_ever(families: Problem) -> None:
    before = solve(families, seconds=0.2, generation=2)

    assert before.by_size.size == 0
    assert list(before.to_dict()["columns"]) == ["bin_of_request", "prices"]
    assert list(certify(families, before).to_dict()["columns"]) == ["prices"]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda by_size: by_size[1:], "prices by size for"),
        (lambda by_size: by_size - (1 << 40), "is below 0 or above"),
        (lambda by_size: by_size + (1 << 40), "is below 0 or above"),
        (lambda by_size: np.full_like(by_size, -(1 << 63)), "leaves 64 bits"),
        (lambda by_size: by_size // 2, "the prices prove"),
    ],
    ids=["one missing", "negative", "above all weights", "overflow", "halved"],
)
def test_wrong_prices_by_size_are_refused(families: Problem, plan: Plan, change, finding: str) -> None:  # type: ignore[no-untyped-def]
    certificate = certify(families, plan)
    forged = change(plan.by_size)

    checked = verify(families, replace(plan, by_size=forged), replace(certificate, by_size=forged))

    assert not checked.ok
    assert finding in checked.words()


def test_prices_by_size_that_differ_from_the_plans_are_refused(families: Problem, plan: Plan) -> None:
    other = replace(certify(families, plan), by_size=NOTHING, bound=price_bound(families, plan.prices))

    assert "states other prices than the plan" in verify(families, plan, other).words()


def test_a_bin_that_is_too_large_for_a_knapsack_has_no_prices_by_size() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [5000], party=[2, 1])

    assert "bin 0 is too large" in flaw(problem, np.zeros(1, np.int64), np.array([0, 1]))
    assert not flaw(problem, np.zeros(1, np.int64), np.zeros(2, np.int64))
