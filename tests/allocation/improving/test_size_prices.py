from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import Problem, Progress, Status, solve
from allocation.building.samples import country
from allocation.checking.verify import line_weights, verify
from allocation.improving import close as closing
from allocation.improving.draft import draft
from allocation.improving.size_prices import size_prices
from allocation.improving.within import Part, serve_within, whole
from allocation.serving.whole import price_bound
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def best_value(problem: Problem) -> int:
    weight = line_weights(problem)
    values = (problem.units * weight).tolist()
    return max(sum(values[i] for i, b in enumerate(choice) if b >= 0) for choice in small.placements(problem))


@settings(max_examples=examples(40, nightly=200), deadline=None)
@given(small.problems(requests=6, bins=3, largest=5, places=9, tiers=2))
def test_prices_by_size_bound_every_plan_and_no_worse_than_single_prices(problem: Problem) -> None:
    line = small.line_up(problem)
    first = draft(line)

    proof = size_prices(line, first.prices)

    assert best_value(problem) <= proof.bound <= price_bound(line, first.prices)


@settings(max_examples=examples(40, nightly=200), deadline=None)
@given(small.problems(requests=6, bins=3, largest=4, places=7), st.integers(0, 30))
def test_what_is_within_a_distance_is_found_or_proven_to_be_missing(problem: Problem, distance: int) -> None:
    line = small.line_up(problem)
    nobody = np.full(line.requests, -1, np.int32)
    proof = size_prices(line, np.zeros(line.bins, np.int64))

    found = serve_within(line, proof, whole(line), nobody, distance, work=1.0)

    missing = proof.bound - best_value(problem)
    if missing > distance:
        assert found.bin_of_row is None
        assert found.least == distance + 1
    else:
        assert found.bin_of_row is not None
        assert (line.room(found.bin_of_row) >= 0).all()
        assert proof.bound - line.value(found.bin_of_row) == found.least == missing


def test_a_bin_of_ten_is_known_to_hold_one_party_of_six() -> None:
    problem = small.problem([[(0, 0), (1, 1)]] * 6, [10, 10], party=[6] * 5 + [4])
    line = small.line_up(problem)
    first = draft(line)

    proof = size_prices(line, first.prices)

    assert proof.bound == best_value(problem) < first.bound


def test_outside_the_bins_of_a_piece_nobody_moves() -> None:
    # rows 0 and 1 sit in the bins of the piece, row 2 elsewhere, where it takes a place that row 3 cannot have
    problem = small.problem([[(0, 0)], [(1, 0)], [(2, 0), (0, 1)], [(2, 0)]], [2, 2, 2], party=[2, 2, 2, 2])
    line = small.line_up(problem)
    seated = small.chosen(4, {1: 1, 2: 2})
    proof = size_prices(line, np.zeros(line.bins, np.int64))
    piece = Part(np.array([0, 1]), np.array([0, 1]), np.flatnonzero(np.isin(line.row, [0, 1])))

    found = serve_within(line, proof, piece, seated, 1 << 40, work=1.0)

    assert found.bin_of_row is not None
    assert found.bin_of_row.tolist() == [0, 1, 2, -1]


def families(number: int, **extra: Any) -> Problem:
    shape = {"home_offices": 2, "consulates": 1, "days": 5, "bands": 2} | extra
    return country(120, seed=number, parties=0.9, demand=1.5, **shape)


def test_a_small_draw_of_families_is_proven_to_be_optimal() -> None:
    problem = families(3)

    plan = solve(problem, seconds=15)

    assert plan.status is Status.OPTIMAL
    assert verify(problem, plan).ok


def test_what_the_second_generation_leaves_open_is_closed() -> None:
    problem = families(5)

    before, after = (solve(problem, seconds=1, generation=each) for each in (2, 3))

    assert before.objective <= after.objective <= after.bound <= before.bound
    assert after.gap < before.gap


def test_pieces_are_served_better_where_the_whole_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "WHOLE_WORK", 1e-9)
    monkeypatch.setattr(closing, "PIECES", ((60, 0.05),))
    problem = families(7)
    seen: list[Progress] = []

    plan = solve(problem, seconds=0.5, on_progress=lambda progress: not seen.append(progress))

    assert seen[0].objective < plan.objective == seen[-1].objective
    assert [each.bound for each in seen] == sorted((each.bound for each in seen), reverse=True)
    assert verify(problem, plan).ok
    assert solve(problem, seconds=0.5, workers=2).digest == plan.digest
