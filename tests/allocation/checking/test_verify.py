from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allocation import Certificate, Mechanism, Plan, Problem, Status, certify, first_come, in_line_order, solve, verify
from allocation.building.samples import country
from tests.allocation import small

RANDOM_PRICES = 100


@pytest.fixture(scope="module", params=[0.0, 0.4], ids=["singles", "parties"])
def published(request: pytest.FixtureRequest) -> tuple[Problem, Plan, Certificate]:
    problem = country(250, seed=7, parties=request.param, home_offices=4, consulates=0, days=5)
    plan = solve(problem, seconds=4)
    return problem, plan, certify(problem, plan)


def test_an_honest_plan_passes_and_says_what_was_checked(published: tuple[Problem, Plan, Certificate]) -> None:
    problem, plan, certificate = published

    verification = verify(problem, Plan.from_dict(plan.to_dict()), Certificate.from_dict(certificate.to_dict()))

    assert verification.ok
    assert [check.name for check in verification.checks] == [
        "shape",
        "acceptable",
        "capacity",
        "totals",
        "fairness",
        "room",
        "bound",
        "certificate",
    ]
    assert verification.words().count("passed: ") == 8


def recount(problem: Problem, plan: Plan) -> Plan:
    served = plan.bin_of_request >= 0
    return replace(
        plan,
        served_requests=int(served.sum()),
        served_people=int(problem.party[served].sum()),
        served_units=int(problem.units[served].sum()),
    )


def test_every_random_change_of_the_prices_is_found(published: tuple[Problem, Plan, Certificate]) -> None:
    problem, plan, certificate = published
    random = np.random.default_rng(2)

    for _ in range(RANDOM_PRICES):
        prices = certificate.prices.copy()
        prices[random.integers(problem.bins)] += random.choice([-1, 1]) * random.integers(1, 10_000)
        honest = certify(problem, replace(plan, prices=prices)).bound if prices.min() >= 0 else None
        # other prices may prove the same bound; then they are as good a proof, if the plan states them too
        assert not verify(problem, plan, replace(certificate, prices=prices)).ok
        both = verify(problem, replace(plan, prices=prices), replace(certificate, prices=prices))
        assert both.ok == (honest == certificate.bound)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"served_people": 1}, "totals"),
        ({"served_requests": 1}, "totals"),
        ({"served_units": 1}, "totals"),
        ({"objective": 1}, "totals"),
        ({"bound": 1}, "bound"),
        ({"bound": 1 << 60}, "bound"),
    ],
)
def test_a_wrong_number_in_the_plan_is_found(
    published: tuple[Problem, Plan, Certificate], change: dict[str, int], name: str
) -> None:
    problem, plan, certificate = published

    verification = verify(problem, replace(plan, **change), certificate)

    assert name in [check.name for check in verification.checks if not check.ok]


@pytest.mark.parametrize(
    "change", [{"problem_sha256": "00"}, {"plan_sha256": "00"}, {"objective": 1}, {"bound": 1 << 60}]
)
def test_a_wrong_line_in_the_certificate_is_found(
    published: tuple[Problem, Plan, Certificate], change: dict[str, Any]
) -> None:
    problem, plan, certificate = published

    assert not verify(problem, plan, replace(certificate, **change)).ok


@pytest.mark.parametrize(
    ("bins", "finding"),
    [
        ([0, 0, -1], "bin 0 holds 2 units in 1 places"),
        ([1, -1, -1], "request 0 is in a bin it did not ask for"),
        ([7, -1, -1], "request 0 is in bin 7, which is not there"),
        ([-2, -1, -1], "request 0 is in bin -2, which is not there"),
        ([0, -1], r"the plan has (2,) rows for 3 requests"),
        ([-1, 0, 1], "request 0 is not served although it stands ahead of position 1"),
        ([0, -1, -1], "request 2 is not served although bin 1 can make room without loss"),
    ],
)
def test_the_finding_names_what_is_wrong(bins: list[int], finding: str) -> None:
    problem = small.problem([[(0, 0)], [(0, 0)], [(1, 0)]], [1, 1])
    plan = replace(solve(problem), bin_of_request=np.array(bins, np.int32))

    assert finding in verify(problem, plan).words()


def test_envy_through_a_chain_of_moves_is_found() -> None:
    # request 0 could take bin 0 if request 1 moved to bin 1, where request 2 sits behind both in line
    problem = small.problem([[(0, 0)], [(0, 0), (1, 1)], [(1, 0)]], [1, 1])
    plan = recount(problem, replace(solve(problem), bin_of_request=np.array([-1, 0, 1], np.int32)))

    assert "request 0 is not served although it stands ahead of position 2" in verify(problem, plan).words()


def test_a_party_that_still_fits_is_found() -> None:
    problem = small.problem([[(0, 0)]], [3], party=[2])
    plan = recount(problem, replace(solve(problem), bin_of_request=np.array([-1], np.int32)))

    assert "request 0 is not served although it fits into bin 0" in verify(problem, plan).words()


def test_a_damaged_certificate_is_refused() -> None:
    problem = country(30, seed=1)
    data = certify(problem, solve(problem)).to_dict()

    for part in ("format", "problem_sha256", "bound", "columns", "versions"):
        with pytest.raises(ValueError, match=part if part == "format" else "."):
            Certificate.from_dict({name: value for name, value in data.items() if name != part})


def test_a_certificate_ties_every_number_of_the_plan(published: tuple[Problem, Plan, Certificate]) -> None:
    problem, plan, certificate = published

    assert not verify(problem, plan, replace(certificate, plan_bound=plan.bound + 1)).ok
    assert not verify(problem, plan, replace(certificate, status=Status.BASELINE)).ok
    assert not verify(problem, plan, replace(certificate, mechanism=Mechanism.IN_LINE)).ok


def test_a_bound_beyond_what_prices_prove_is_called_a_word() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [2], party=[2, 2])
    plan = solve(problem)

    assert "the word of whoever made the plan" not in verify(problem, plan).words()
    unpriced = verify(problem, replace(plan, prices=np.zeros(1, np.int64)))
    assert unpriced.ok
    assert "at most 0.0000% is the word of whoever made the plan" in unpriced.words()


def test_a_plan_in_line_order_is_checked_turn_by_turn() -> None:
    problem = small.problem([[(0, 0), (1, 1)], [(0, 0), (1, 1)], [(0, 0)]], [1, 1])
    plan = in_line_order(problem)

    names = [check.name for check in verify(problem, plan, certify(problem, plan)).checks]
    assert names == ["shape", "acceptable", "capacity", "totals", "turns", "room", "bound", "certificate"]
    swapped = replace(plan, bin_of_request=np.array([1, 0, -1], np.int32))
    words = verify(problem, swapped).words()
    assert "request 0 did not get bin 0, which had room at its turn and which it prefers" in words


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"bound": 1_000}, "the plan says 1000"),
        ({"status": Status.OPTIMAL}, "a plan of the mechanism in-line-order cannot be optimal"),
        ({"status": Status.BOUNDED}, "a plan of the mechanism in-line-order cannot be bounded"),
        ({"mechanism": Mechanism.EXCHANGE}, "a plan of the mechanism exchange cannot be baseline"),
    ],
)
def test_a_plan_in_line_order_claims_no_bound(change: dict[str, Any], finding: str) -> None:
    problem = small.problem([[(0, 0)], [(1, 0)]], [1, 1])

    assert finding in verify(problem, replace(in_line_order(problem), **change)).words()


def test_of_first_come_only_places_and_totals_are_checked() -> None:
    problem = small.problem([[(0, 0), (1, 1)], [(0, 0)]], [1, 1])
    plan = first_come(problem, np.array([1, 0]))

    verification = verify(problem, plan)

    assert verification.ok
    assert [check.name for check in verification.checks] == [
        "shape",
        "acceptable",
        "capacity",
        "totals",
        "room",
        "bound",
    ]
    assert not verify(problem, replace(plan, served_people=1)).ok


def test_among_singles_of_different_compensation_envy_is_judged_by_weight() -> None:
    # request 1 stands behind, and weighs more
    problem = small.problem([[(0, 0)], [(0, 0)]], [1], compensation=[1000, 3000])
    plan = recount(problem, replace(in_line_order(problem), mechanism=Mechanism.EXCHANGE, status=Status.BOUNDED))

    assert "request 1 is not served although it stands ahead of weight number 1" in verify(problem, plan).words()
    better = replace(plan, bin_of_request=np.array([-1, 0], np.int32))
    assert [check.ok for check in verify(problem, better).checks if check.name == "fairness"] == [True]
