"""Who will still come into a hall, from who came today."""

import numpy as np
import pytest

from allocation.hall.service_times import LEVELS, PROBABILITIES, stated
from allocation.hall.waiting import arrivals, by_law, comes_at_all, early, tickets_of


def test_as_many_come_as_in_the_last_hour():
    ago, visits = np.array([5.0, 10.0, 59.0, 61.0, 200.0]), [stated(10).quantiles] * 5
    assert tickets_of(ago, 240.0, visits, 0.1).rate == pytest.approx(3 / 60)
    assert tickets_of(ago[:2], 20.0, visits[:2], 0.1).rate == pytest.approx(2 / 20)


@pytest.mark.parametrize("since", [0.0, 0.02, 0.25, 2.0, 14.0])
def test_what_is_given_in_the_first_minutes_is_not_expected_all_day(since):
    ago = np.array([0.0, since / 2, since])
    assert tickets_of(ago, since, [stated(10).quantiles] * 3, 0.05).rate == pytest.approx(3 / 15)


def test_before_anybody_came_nobody_is_expected():
    nobody = tickets_of(np.empty(0), 0.0, [], 0.05)
    assert (nobody.rate, nobody.quantiles.shape) == (0.0, (0, LEVELS))


def test_the_more_came_the_less_what_is_assumed_of_the_law_counts():
    assert by_law(0, 0) == pytest.approx(0.05)
    assert 0.05 < by_law(2, 10) < by_law(200, 1000) < 0.2
    assert by_law(0, 1000) < 0.01


def test_how_early_people_come_leans_on_what_is_assumed_until_many_came():
    assumed, few, many = (early(np.full(count, 30.0)) for count in (0, 3, 3000))
    assert assumed.mean() == pytest.approx(10)
    assert 10 < few.mean() < 15 < many.mean() < 30.1
    assert comes_at_all(0, 0) == pytest.approx(0.85)
    assert 0.45 < comes_at_all(40, 100) < 0.5


def test_who_is_not_there_shortly_before_their_time_comes_less_likely():
    _, comes = arrivals(np.array([90.0, 20.0, 5.0, -5.0, -30.0]), early(np.empty(0)), 0.85)
    assert comes[0] == pytest.approx(0.85)
    assert np.all(np.diff(comes) < 0)
    assert comes[3] < 0.4
    assert comes[4] == 0


def test_who_still_comes_comes_as_a_thousand_invented_people_do():
    rng = np.random.default_rng(4)
    before = rng.gamma(2.0, 8.0, size=100_000) - 4
    usually = np.quantile(before, PROBABILITIES)
    for due in (60.0, 12.0, 0.0):
        left = before[before < due]
        when, comes = arrivals(np.array([due]), usually, 0.8)
        assert comes[0] == pytest.approx(0.8 * len(left) / (0.8 * len(left) + 0.2 * len(before)), abs=0.02)
        assert when[0].mean() == pytest.approx(due - left.mean(), abs=0.5)
        assert np.all(np.diff(when[0]) >= 0)
        assert when[0].min() >= 0
