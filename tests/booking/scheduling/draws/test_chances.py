"""What everyone reads of the chances at an office: from published draws alone, rounded, and nothing of few requests."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from allocation import in_line_order, solve
from allocation.explaining.rivals import people_ahead
from booking.country.catalogue.views import chances_of_offices
from booking.platform.models.states import Pool
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.chances import LEAST, STEP, Place, explain, pooled
from booking.scheduling.draws.decision import Decision
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.problem import build_problem
from tests.booking.scheduling.draws.test_problem import SUNDAY, a_bin, a_leaf

pytestmark = pytest.mark.slow

MONDAY = 0


def test_few_requests_say_nothing():
    assert pooled([(0.5, LEAST - 1)]) is None
    assert pooled([(0.5, LEAST)]) is not None


def test_the_range_narrows_with_draws_that_agree_and_widens_with_others():
    one, agreeing, differing = (pooled(seen) for seen in ([(0.5, 100)], [(0.5, 100)] * 6, [(0.3, 100), (0.7, 100)] * 3))

    assert one[1] == agreeing[1] == differing[1] == 50
    assert agreeing[2] - agreeing[0] < one[2] - one[0] <= differing[2] - differing[0]
    assert pooled([(1.0, 200)] * 3)[1:] == [100, 100]
    assert pooled([(0.0, 200)] * 3)[:2] == [0, 0]


def test_the_range_holds_nine_next_draws_of_ten():
    """Six draws and the next one, 300 times: demand changes by a tenth from each to the next, capacity too."""
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        usual, demand = rng.uniform(30, 400), 1.0
        room, seen = usual * rng.uniform(0.1, 1), []
        for _draw in range(7):
            demand *= np.exp(rng.normal(0, 0.1))
            asked = int(rng.poisson(usual * demand))
            rivals = rng.binomial(asked, 0.75)
            seen.append((min(1.0, rng.poisson(room) / (rivals + 1)), asked))
        *before, (share, _) = seen
        low, _, high = pooled(before)
        held += low <= 100 * share <= high
    assert held >= 270


def test_chances_are_read_once_the_draw_is_published(world):
    for code in ("a", "b", "quiet"):
        world.office(code)
    world.slots("a", world.first_day, {Pool.DRAW: [5, 5, 5]})
    world.slots("a", world.first_day.replace(day=9), {Pool.DRAW: [1]})
    world.slots("b", world.first_day, {Pool.DRAW: [60], Pool.INSTANT: [9]})
    world.slots("quiet", world.first_day, {Pool.DRAW: [1]})
    for number in range(LEAST + 10):
        world.ask("a", "b") if number % 2 else world.ask("a")
    for _ in range(LEAST):
        world.ask("b")
    world.ask("quiet", lost=1)

    world.closed()
    draws.run(world.core, "d1")
    assert chances_of_offices(world.core) == {}
    draws.publish(world.core, "d1")

    found = chances_of_offices(world.core)
    assert set(found) == {"a", "b"}, "of an office that few named nothing is said"
    crowded, roomy = found["a"], found["b"]
    assert crowded.draws == 1
    assert crowded.any.low < crowded.any.likely < roomy.any.likely == 100
    assert set(crowded.weekdays) == {MONDAY, 6}
    assert crowded.weekdays[MONDAY].likely <= crowded.any.likely
    assert set(crowded.bands) == {"morning", "midday"}
    assert all(number % STEP == 0 for number in (*crowded.any, *roomy.any))
    draws.publish(world.core, "d1")
    assert chances_of_offices(world.core) == found


PLACES = {code: Place(33.0 + number, 36.0, "home") for number, code in enumerate("abcd")}


def decided(leaves, bins, mechanism=solve):
    """Draw with the leaves in line as they are given."""
    problem = build_problem(Asked.of(leaves), bins, np.arange(len(leaves), dtype=np.int32))
    plan = mechanism(problem)
    seats = [((0, 1),) if number >= 0 else () for number in plan.bin_of_request.tolist()]
    return Decision(Frozen({}, leaves, bins), problem, plan, seats, np.empty(0, np.int8))


def suggestions(leaves, bins, mechanism=solve):
    return [each.get("suggestion") for each in explanations(decided(leaves, bins, mechanism))]


def explanations(decision):
    return [json.loads(each) for each in explain(decision, PLACES).texts()]


def a_family(*offices, people=2, **wish):
    return a_leaf(*offices, party=people, units=people, **wish)


def test_a_family_is_suggested_a_place_that_singles_behind_it_would_leave():
    bins = [a_bin("a", places=2), a_bin("b", places=2)]
    leaves = [a_family("a"), a_family("a"), a_leaf("b"), a_leaf("b")]

    assert suggestions(leaves, bins)[1] == {"office": "b", "day": SUNDAY.isoformat()}


def test_a_family_is_not_suggested_a_place_that_others_ahead_would_keep():
    bins = [a_bin("a", places=2), a_bin("b", places=2)]
    leaves = [a_family("a"), a_leaf("b"), a_family("a"), a_leaf("b")]

    assert suggestions(leaves, bins)[2] is None


def test_a_family_is_suggested_a_place_that_a_single_can_leave():
    bins = [a_bin("a", places=2), a_bin("b", places=2), a_bin("c", places=2)]
    leaves = [a_family("a"), a_leaf("b", "c"), a_leaf("b", "c"), a_leaf("b"), a_family("a")]

    assert suggestions(leaves, bins)[4] is None
    assert suggestions([*leaves[:3], *leaves[4:]], bins)[3] == {"office": "b", "day": SUNDAY.isoformat()}


@pytest.mark.parametrize("seed", range(20))
def test_adding_the_suggestion_to_the_wish_would_have_won_a_place(seed):
    chance = random.Random(seed)  # noqa: S311 - made-up wishes
    bins = [a_bin(office, day=day, places=chance.randint(1, 3)) for office in "abcd" for day in range(3)]
    size = 1 if seed % 2 else 3  # alone by exchange; in line order the answer is exact for families too
    mechanism = solve if size == 1 else in_line_order
    leaves = []
    for number in range(40):
        first = SUNDAY + timedelta(days=chance.randrange(3))
        leaves.append(
            a_family(
                *chance.sample("abcd", chance.randint(1, 2)),
                people=chance.randint(1, size),
                number=number,
                first_day=first,
                last_day=first + timedelta(days=chance.randrange(2)),
            )
        )
    decision = decided(leaves, bins, mechanism)

    told = 0
    for row, explained in enumerate(explanations(decision)):
        suggestion = explained.get("suggestion")
        if suggestion is None:
            continue
        told += 1
        wish = leaves[row].wish
        day = date.fromisoformat(suggestion["day"])
        # only the suggested office and day besides: the line's other wishes stay as they are
        extra = replace(wish, offices=(suggestion["office"],), first_day=day, last_day=day)
        alone = [*leaves[:row], replace(leaves[row], wish=extra), *leaves[row + 1 :]]
        assert decided(alone, bins, mechanism).plan.bin_of_request[row] >= 0
    assert told


def test_people_ahead_are_counted_once_however_many_offices_they_share():
    chance = random.Random(5)  # noqa: S311 - made-up wishes
    leaves = [
        a_family(*chance.sample("abcd", chance.randint(1, 3)), people=chance.randint(1, 4), number=number)
        for number in range(60)
    ]
    order = np.random.default_rng(5).permutation(60).astype(np.int32)

    asked = Asked.of(leaves)
    counted = people_ahead(asked.offices.codes, asked.offices.labels, asked.party, order)

    for row, leaf in enumerate(leaves):
        ahead = [other for other in range(60) if order[other] < order[row]]
        shared = [other for other in ahead if set(leaves[other].wish.offices) & set(leaf.wish.offices)]
        assert counted[row] == sum(leaves[other].wish.party for other in shared)
