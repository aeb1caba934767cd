import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import Plan, Problem, solve
from allocation.building.samples import country
from tests.allocation.small import problems

pytestmark = pytest.mark.slow

GOOD: dict[str, Any] = {
    "pair_request": [0, 0, 1],
    "pair_bin": [0, 1, 1],
    "pair_rank": [0, 1, 0],
    "party": [1, 2],
    "order": [1, 0],
    "places": [3, 4],
}


def columns(**changes: Any) -> dict[str, Any]:
    return {name: np.asarray(values) for name, values in (GOOD | changes).items()}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"party": [1, 0]}, "party: row 1 is 0, expected 1 to 127"),
        ({"party": [1, 300]}, "party: row 1 is 300, expected -128 to 127"),
        ({"places": [3, -1]}, "places: row 1 is -1, expected 0 to 2147483647"),
        ({"places": [3, 2**40]}, "places: row 1 is 1099511627776"),
        ({"places": np.array([3, 2**64 - 1], np.uint64)}, "places: row 1 is 18446744073709551615"),
        ({"order": [0, 0]}, "order: row 1 repeats the position 0"),
        ({"order": [0, 2]}, "order: row 1 is 2, expected 0 to 1"),
        ({"order": [0]}, "order: expected 2 rows, found 1"),
        ({"pair_request": [0, 0, 2]}, "pair_request: row 2 is 2, expected 0 to 1"),
        ({"pair_bin": [0, -1, 1]}, "pair_bin: row 1 is -1, expected 0 to 1"),
        ({"pair_bin": [0, 0, 1]}, r"pair_request, pair_bin: row 1 repeats the pair \(0, 0\)"),
        ({"pair_bin": [0, 1]}, "pair_bin: expected 3 rows, found 2"),
        ({"pair_bin": [[0, 1, 1]]}, "pair_bin: expected one dimension, found 2"),
        ({"pair_rank": [0, -1, 0]}, "pair_rank: row 1 is -1"),
        ({"pair_rank": [0.0, float("nan"), 0.0]}, "pair_rank: expected integers, found float64"),
        ({"pair_late": [0, 1, 2]}, "pair_late: row 2 is 2, expected 0 to 1"),
        ({"pair_cost": [0, 1]}, "pair_cost: expected 3 rows, found 2"),
        ({"units": [1, 0]}, "units: row 1 is 0, expected 1 to 32767"),
        ({"units": ["1", "2"]}, "units: expected integers"),
        ({"tier": [5, 1]}, "tier: row 0 is 5, above the request ahead of it in line"),
    ],
)
def test_a_bad_column_is_refused_by_name_and_row(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Problem(**columns(**changes))


def test_left_out_columns_have_their_documented_defaults() -> None:
    problem = Problem(**columns())

    assert problem.units.tolist() == [1, 2]
    assert problem.tier.tolist() == [0, 0]
    assert problem.pair_late.tolist() == [False, False, False]
    assert problem.pair_cost.tolist() == [0, 0, 0]


def test_columns_cannot_be_changed_afterwards_or_through_the_array_that_was_given() -> None:
    given_party = np.array([1, 2], np.int8)
    problem = Problem(**(columns() | {"party": given_party}))
    given_party[0] = 9

    assert problem.party.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        problem.party[0] = 9


def test_an_empty_problem_has_an_empty_plan() -> None:
    nothing = np.empty(0, np.int32)
    plan = solve(Problem(nothing, nothing, nothing, nothing, nothing, nothing))

    assert plan.bin_of_request.shape == (0,)
    assert (plan.served_people, plan.bound, plan.gap, plan.gap_people) == (0, 0, 0.0, 0.0)


@given(problems(largest=4, tiers=3))
def test_a_problem_comes_back_from_json_unchanged(problem: Problem) -> None:
    again = Problem.from_dict(json.loads(json.dumps(problem.to_dict())))

    assert again.digest == problem.digest
    assert solve(again).digest == solve(problem).digest


@given(problems(), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_row_order_of_the_pairs(problem: Problem, random: Any) -> None:
    rows = list(range(problem.pairs))
    random.shuffle(rows)
    pairs = {name: getattr(problem, name)[rows] for name in _PAIR_COLUMNS}

    assert _changed(problem, **pairs).digest == problem.digest


@pytest.mark.parametrize("column", ["party", "units", "tier", "order", "places", "pair_rank", "pair_cost"])
def test_the_digest_depends_on_every_column(column: str) -> None:
    problem = country(40, seed=3)
    changes: dict[str, Any] = {column: getattr(problem, column) + 1}
    if column == "order":
        changes = {column: problem.order[::-1]}

    assert _changed(problem, **changes).digest != problem.digest


def test_a_typical_problem_is_small_when_published() -> None:
    problem = country(2_000, seed=3)

    assert len(json.dumps(problem.to_dict())) < 2 * problem.pairs


@pytest.mark.parametrize("part", ["sha256", "format", "columns"])
def test_a_published_problem_with_a_changed_part_is_refused(part: str) -> None:
    data = country(20, seed=3).to_dict()
    data[part] = "0"

    with pytest.raises(ValueError, match=part):
        Problem.from_dict(data)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"type": "<i1", "rows": 20, "data": "not base64!"}, "party: damaged column"),
        ({"type": "<i1", "rows": 20}, "party: damaged column"),
        ({"type": "object", "rows": 20, "data": ""}, "party: expected integers"),
        ({"type": "<i1", "rows": -1, "data": ""}, "party: expected integers"),
        ({"type": "<i1", "rows": 1 << 40, "data": ""}, "party: expected integers"),
        (
            {"type": "<i1", "rows": 20, "data": base64.b64encode(zlib.compress(b"0" * 10**6)).decode()},
            "party: expected 20 bytes, found 21",
        ),
        (None, "party: damaged column"),
    ],
)
def test_a_damaged_published_column_is_refused_by_name(column: Any, message: str) -> None:
    data = country(20, seed=3).to_dict()
    data["columns"]["party"] = column

    with pytest.raises(ValueError, match=message):
        Problem.from_dict(data)


def test_a_published_problem_without_a_column_or_with_an_unknown_one_is_refused() -> None:
    missing, unknown = country(20, seed=3).to_dict(), country(20, seed=3).to_dict()
    del missing["columns"]["order"]
    unknown["columns"]["shoe_size"] = unknown["columns"]["order"]

    for data in (missing, unknown):
        with pytest.raises(ValueError, match="columns"):
            Problem.from_dict(data)


def test_a_plan_comes_back_from_json_unchanged_and_a_changed_one_is_refused() -> None:
    plan = solve(country(200, seed=3))
    again = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))

    assert again.digest == plan.digest
    assert (again.objective, again.bound, again.status) == (plan.objective, plan.bound, plan.status)
    with pytest.raises(ValueError, match="sha256"):
        Plan.from_dict(plan.to_dict() | {"sha256": "00"})
    with pytest.raises(ValueError, match="status"):
        Plan.from_dict({name: value for name, value in plan.to_dict().items() if name != "status"})


_PAIR_COLUMNS = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")


def _changed(problem: Problem, **changes: Any) -> Problem:
    names = ("party", "units", "tier", "order", "places", *_PAIR_COLUMNS)
    return Problem(**({name: getattr(problem, name) for name in names} | changes))
