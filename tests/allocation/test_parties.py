import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from allocation import Plan, Problem, Progress, Status, certify, solve, verify
from allocation.building.samples import country
from allocation.checking.verify import line_weights
from allocation.components import components
from allocation.placing.placement import placement_cost
from allocation.serving.whole import serve_split, serve_whole
from allocation.weights import WeightsTooLargeError, weights
from tests.allocation import small
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def value(problem: Problem, choice: list[int]) -> int:
    weight = line_weights(problem)
    return sum(int(problem.units[i] * weight[i]) for i, place in enumerate(choice) if place >= 0)


@settings(max_examples=examples(40, nightly=100))
@given(small.problems(requests=5, bins=3, largest=4, places=6, tiers=2))
def test_a_small_plan_is_the_best_of_all_and_the_bound_is_never_below_it(problem: Problem) -> None:
    plan = solve(problem)

    everything = small.placements(problem)
    best = max(value(problem, choice) for choice in everything)
    assert plan.bin_of_request.tolist() in everything
    assert plan.objective == best == plan.bound
    assert certify(problem, plan).bound >= best
    assert verify(problem, plan, certify(problem, plan)).ok


@given(small.problems(requests=5, bins=3, largest=3, places=5))
def test_a_small_plan_is_also_placed_best(problem: Problem) -> None:
    def quality(choice: list[int]) -> tuple[int, ...]:
        return value(problem, choice), *(-goal for goal in weighted_goals(problem, choice))

    found = solve(problem).bin_of_request.tolist()
    best = max(small.placements(problem), key=quality)

    if sorted(b >= 0 for b in found) == sorted(b >= 0 for b in best):
        assert quality(found) == quality(best)


def weighted_goals(problem: Problem, choice: list[int]) -> tuple[int, int, int]:
    late = rank = cost = 0
    for request, place in enumerate(choice):
        if place >= 0:
            pair = np.flatnonzero((problem.pair_request == request) & (problem.pair_bin == place))[0]
            units = int(problem.units[request])
            late += units * int(problem.pair_late[pair])
            rank += units * int(problem.pair_rank[pair])
            cost += units * int(problem.pair_cost[pair])
    return late, rank, cost


@settings(max_examples=40)
@given(small.problems(requests=12, bins=4, places=4))
def test_the_way_for_parties_serves_singles_exactly_as_the_way_for_singles(problem: Problem) -> None:
    for part in components(problem):
        whole, split = serve_whole(part.line, placement_cost(part.line)), serve_split(part.line)

        assert np.flatnonzero(whole >= 0).tolist() == split.rows(part.line).tolist()


@given(small.problems(requests=7, bins=3, largest=3, places=5, tiers=2))
def test_each_in_turn_is_served_whole_if_a_bin_has_room_beside_those_before(problem: Problem) -> None:
    """Larger requests stay where they are put, single ones may move: tried by all placements of these."""
    for part in components(problem):
        line = part.line
        found = serve_whole(line, placement_cost(line))

        assert (line.room(found) >= 0).all()
        for row in range(line.requests):
            # larger ones up to this turn where they are, singles served up to this turn anywhere, and this request
            fixed = {i: int(found[i]) for i in range(row) if found[i] >= 0 and line.units[i] > 1}
            free = [i for i in range(row) if found[i] >= 0 and line.units[i] == 1] + [row]
            options = [line.bin[line.start[i] : line.start[i + 1]].tolist() for i in free]
            possible = any(
                (line.room(small.chosen(line.requests, fixed | dict(zip(free, choice, strict=True)))) >= 0).all()
                for choice in itertools.product(*options)
            )
            assert possible == (found[row] >= 0)


@pytest.mark.slow
def test_a_search_can_be_watched_stopped_and_taken_up_again() -> None:
    problem = country(1_500, seed=3, parties=1.0, long_service=1.0, home_offices=6, consulates=5)
    seen: list[Progress] = []

    def enough(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) < 5

    stopped = solve(problem, seconds=4, on_progress=enough)
    resumed = solve(problem, seconds=1, start=stopped)

    assert [each.objective for each in seen] == sorted(each.objective for each in seen)
    assert seen[0].bound >= seen[-1].bound >= stopped.objective >= seen[-1].objective
    assert stopped.status is Status.STOPPED
    assert verify(problem, stopped).ok
    assert resumed.objective >= stopped.objective


def test_a_plan_of_another_problem_is_refused_as_a_start() -> None:
    first, other = (country(50, seed=seed, home_offices=2, consulates=0, days=3) for seed in (1, 2))
    strange: Plan = solve(other)

    with pytest.raises(ValueError, match="start: the plan is not one of this problem"):
        solve(first, start=strange)


@pytest.mark.parametrize(
    ("problem", "gap"),
    [
        (country(1_500, seed=1), 0.01),
        (country(1_500, seed=2, long_service=0.4, tiers=4), 0.01),
        # four to twelve units into bins of about nine: much of this gap is the bound's
        (country(1_500, seed=3, parties=1.0, long_service=1.0, home_offices=6, consulates=5), 0.05),
    ],
    ids=["families", "long services and tiers", "no single units"],
)
def test_a_larger_plan_verifies_and_is_proven_to_be_near_the_best(problem: Problem, gap: float) -> None:
    plan = solve(problem, seconds=2)

    verification = verify(problem, plan, certify(problem, plan))
    assert verification.ok, verification.words()
    assert plan.gap < gap


@pytest.mark.slow
def test_a_plan_with_parties_repeats_itself_with_two_workers_and_shuffled_rows() -> None:
    problem = country(examples(400, nightly=1_000), seed=4, long_service=0.3)
    rows = np.random.default_rng(0).permutation(problem.pairs)
    shuffled = replace(
        problem,
        **{
            name: getattr(problem, name)[rows]
            for name in ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")
        },
    )

    plans = [solve(problem, seconds=1), solve(problem, seconds=1, workers=2), solve(shuffled, seconds=1)]

    assert len({plan.digest for plan in plans}) == 1


def test_a_party_larger_than_any_bin_is_not_served_and_costs_nobody_a_place() -> None:
    plan = solve(small.problem([[(0, 0)], [(0, 0)]], [3], party=[4, 1]))

    assert plan.bin_of_request.tolist() == [-1, 0]
    assert plan.status is Status.OPTIMAL


def test_a_party_is_served_in_one_bin_or_not_at_all() -> None:
    plan = solve(small.problem([[(0, 0), (1, 1)]], [2, 2], party=[4]))

    assert plan.bin_of_request.tolist() == [-1]
    assert plan.bound == 0


def test_three_places_that_only_pairs_ask_for_are_bounded_by_one_pair() -> None:
    problem = small.problem([[(0, 0)], [(0, 0)]], [3], party=[2, 2])

    plan = solve(problem)

    assert plan.bin_of_request.tolist() == [0, -1]
    assert certify(problem, plan).bound == plan.objective


def test_one_request_of_a_higher_tier_outweighs_the_largest_one_below_it() -> None:
    weight = weights(small.problem([[(0, 0)]] * 3, [9], party=[1, 6, 6], tier=[2, 1, 0])).tolist()

    assert weight[0] > 6 * weight[1] > 36 * weight[2]


@given(small.problems(requests=6, largest=6, tiers=3))
def test_weights_fall_strictly_along_the_line(problem: Problem) -> None:
    along = weights(problem)[np.argsort(problem.order)]

    assert (np.diff(along) < 0).all()
    assert along.tolist() == line_weights(problem)[np.argsort(problem.order)].tolist()


@pytest.mark.parametrize("tiers", [2, 9, 20, 40, 200])
def test_weights_fall_along_the_line_and_fit_with_any_number_of_tiers(tiers: int) -> None:
    tall = small.problem([[(0, 0)]] * tiers, [9], party=[2] * tiers, tier=list(range(tiers))[::-1])

    assert (np.diff(weights(tall)) < 0).all()
    assert weights(tall).tolist() == line_weights(tall).tolist()
    assert verify(tall, solve(tall)).ok


def test_sixteen_tiers_of_a_typical_draw_fit() -> None:
    problem = country(2_000, seed=9, long_service=0.4, tiers=16)
    plan = solve(problem, seconds=1)

    assert verify(problem, plan, certify(problem, plan)).ok


@pytest.mark.slow
def test_families_have_about_the_chance_of_singles() -> None:
    problem = country(4_000, seed=8, home_offices=6, consulates=0)
    served = solve(problem, seconds=0.5).bin_of_request >= 0

    single, family = served[problem.party == 1].mean(), served[problem.party >= 3].mean()
    assert abs(single - family) < 0.06


def test_weights_beyond_64_bits_are_refused_before_anything_is_computed() -> None:
    crowd = small.problem([[(0, 0)]] * 600, [9], units=[32767] * 600, tier=[2] * 200 + [1] * 200 + [0] * 200)

    with pytest.raises(WeightsTooLargeError, match="600 requests in 3 tiers overflow 64 bits"):
        solve(crowd)
