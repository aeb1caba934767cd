"""What everyone reads of the chances at an office: from published draws alone, rounded, and nothing of few requests."""

import numpy as np

from booking.country.catalogue.views import chances_of_offices
from booking.platform.models.states import Pool
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.chances import LEAST, STEP, pooled

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
