"""The independent program's bound from prices by size is the one that Mawid proves."""

from dataclasses import replace

import numpy as np
import pytest

from allocation import certify, solve
from allocation.building.samples import country
from allocation.checking.verify import line_weights
from tests.standalone.program import part

PlanChecks, WrongError = part("plan_checks").PlanChecks, part("strict_reading").WrongError


@pytest.fixture(scope="module")
def problem():
    return country(120, seed=1, parties=1.0, demand=1.5, home_offices=2, consulates=1, days=6)


@pytest.fixture(scope="module")
def plan(problem):
    return solve(problem, seconds=1)


def opened(problem, plan):
    """What the program has read of a draw when it comes to the bound."""
    stated = certify(problem, plan)
    read = PlanChecks()
    read.requests, read.bins = [None] * problem.requests, [None] * problem.bins
    read.units, read.weight = problem.units.astype(np.int64), line_weights(problem)
    read.request, read.place = problem.pair_request.astype(np.int64), problem.pair_bin.astype(np.int64)
    read.places, read.prices, read.by_size = problem.places.astype(np.int64), stated.prices, stated.by_size
    read.objective, read.mechanism = plan.objective, "exchange"
    said = {"mechanism": "exchange", "status": plan.status.value, "objective": plan.objective, "bound": plan.bound}
    read.report = said
    read.certificate = {"plan": said, "certificate": said | {"bound": stated.bound, "plan_bound": plan.bound}}
    return read


def test_the_program_proves_the_same_bound(problem, plan):
    assert plan.by_size.any()

    assert "no other plan" in opened(problem, plan).check_bound()
    assert "no other plan" in opened(problem, replace(plan, by_size=np.empty(0, np.int64))).check_bound()


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda by_size: by_size // 2, "the prices prove"),
        (lambda by_size: by_size[:-1], "not one for each bin and size"),
        (lambda by_size: by_size - 2**40, "below zero"),
        (lambda by_size: by_size + 2**40, "above every request"),
        (lambda by_size: np.full_like(by_size, -(2**63)), "leaves 64 bits"),
    ],
    ids=["halved", "one missing", "negative", "above all weights", "overflow"],
)
def test_the_program_refuses_other_prices(problem, plan, change, finding):
    read = opened(problem, plan)
    read.by_size = change(plan.by_size)

    with pytest.raises(WrongError, match=finding):
        read.check_bound()
