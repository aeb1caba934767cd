"""Large draws are planned from all their units: small ones are tried here by the same functions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from allocation import Plan, Problem, Status, certify, solve, solver, verify
from allocation.building.samples import country
from allocation.checking.verify import line_weights
from allocation.components import components
from allocation.generation import FIRST_GENERATION, LARGE
from allocation.improving.draft import finish, rounded_draft
from allocation.improving.exchange import exchanged
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=9, bins=4, largest=4, places=7, tiers=3))
def test_a_rounded_plan_is_feasible_and_its_bound_holds(problem: Problem) -> None:
    best = solve(problem)  # of so small a problem
    found = np.full(problem.requests, -1, np.int32)
    bound = 0
    for part in components(problem):
        made = rounded_draft(part.line)
        again = exchanged(made)
        bin_of_row = finish(again)
        assert (made.line.room(made.bin_of_row) >= 0).all()
        assert made.value <= again.value <= made.line.value(bin_of_row) <= made.bound
        found[made.line.request] = np.where(bin_of_row < 0, -1, part.bins[bin_of_row])
        bound += made.bound
    weight = line_weights(problem)
    objective = int((problem.units * weight)[found >= 0].sum())
    people = problem.party[found >= 0].sum(dtype=np.int64)
    plan = replace(
        best,
        bin_of_request=found,
        status=Status.OPTIMAL if objective == best.bound else Status.BOUNDED,
        objective=objective,
        served_requests=int((found >= 0).sum()),
        served_people=int(people),
        served_units=int(problem.units[found >= 0].sum(dtype=np.int64)),
    )

    assert objective <= best.objective <= bound
    assert verify(problem, plan).ok


@settings(max_examples=50)
@given(small.problems(requests=9, bins=4, places=4))
def test_requests_of_one_unit_are_served_exactly(problem: Problem) -> None:
    for part in components(problem):
        assert rounded_draft(part.line).value == rounded_draft(part.line).bound


def test_a_plan_from_all_units_is_nearer_to_the_bound() -> None:
    problem = country(20_000, seed=1, parties=0.3, home_offices=6, consulates=0, days=6)
    first = solve(problem, seconds=0.01, generation=FIRST_GENERATION)
    (part,) = components(problem)

    made = exchanged(rounded_draft(part.line))
    bin_of_row = finish(made)

    assert made.bound == first.bound
    assert made.bound - part.line.value(bin_of_row) < (first.bound - first.objective) / 2


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Problem:
    """A draw just large enough, with two bins for everyone; a sixth of it counts as large but at night."""
    n = examples(LARGE // 6, nightly=LARGE) + 1
    monkeypatch.setattr(solver, "LARGE", n - 1)
    random = np.random.default_rng(1)
    return Problem(
        pair_request=np.repeat(np.arange(n), 2),
        pair_bin=np.tile(np.arange(2), n),
        pair_rank=random.integers(0, 2, 2 * n),
        party=random.integers(1, 4, n),
        order=random.permutation(n),
        places=np.array([n // 3, n // 2]),
    )


def test_a_large_draw_is_planned_by_its_generation(large: Problem) -> None:
    plans: list[Plan] = [solve(large, seconds=0.01), solve(large, seconds=0.01, workers=2)]
    earlier = solve(large, seconds=0.01, generation=FIRST_GENERATION)

    assert plans[0].digest == plans[1].digest != earlier.digest
    assert plans[0].gap <= 1e-4
    for plan in (plans[0], earlier):
        assert verify(large, plan, certify(large, plan)).ok


def test_the_generation_changes_no_smaller_draw() -> None:
    problem = country(3_000, seed=1, parties=0.4)

    assert solve(problem, seconds=0.1).digest == solve(problem, seconds=0.1, generation=FIRST_GENERATION).digest
