"""Service times: few measured ones lean on what is known more widely, many stand for themselves."""

import numpy as np
import pytest

from allocation.hall.service_times import LEVELS, Measured, drawn, learn, longer, pace, pace_spread, stated, time_of


def measured(minutes, office=1, service=7, people=1):
    count = len(minutes)
    return Measured(np.full(count, office), np.full(count, service), np.full(count, people), np.array(minutes, float))


def test_what_is_stated_is_the_middle_of_what_is_assumed():
    assert len(stated(20).quantiles) == LEVELS
    assert np.all(np.diff(stated(20).quantiles) > 0)
    assert float(np.median(stated(20).quantiles)) == pytest.approx(20, rel=0.01)


def test_the_more_is_measured_the_less_what_is_stated_counts():
    few, many = (learn(measured([30.0] * count), {7: 10.0}) for count in (3, 3000))
    assert 10 < few[1, 7, 1].mean < many[1, 7, 1].mean
    assert many[1, 7, 1].mean == pytest.approx(30, rel=0.02)
    assert (few[1, 7, 1].counted, many[None, 7, 1].counted) == (3, 3000)


def test_an_office_leans_on_all_offices_before_what_is_stated():
    both = Measured(
        np.repeat([1, 2], [400, 4]), np.full(404, 7), np.ones(404, np.int64), np.repeat([30.0, 20.0], [400, 4])
    )
    times = learn(both, {7: 10.0})
    assert 20 < times[2, 7, 1].mean < times[None, 7, 1].mean
    assert times[None, 7, 1].mean == pytest.approx(30, rel=0.06)


def test_visits_that_nobody_ended_in_time_and_calls_by_mistake_hardly_count():
    honest = [10.0] * 200
    times = learn(measured([*honest, *[600.0] * 12, *[0.01] * 12]), {7: 10.0})
    assert times[1, 7, 1].mean == pytest.approx(learn(measured(honest), {7: 10.0})[1, 7, 1].mean, rel=0.2)


def test_a_visit_takes_the_nearest_kind_that_is_known():
    times = learn(measured([30.0] * 100), {7: 10.0})
    assert time_of(times, (1, 7, 1), 10) is times[1, 7, 1]
    assert time_of(times, (2, 7, 1), 10) is times[None, 7, 1]
    assert time_of(times, (1, 7, 3), 10).mean == pytest.approx(stated(30).mean)
    assert time_of(times, (1, 8, 1), 12).counted == 0


def test_a_counters_pace_leans_on_the_usual_one():
    assert pace(np.array([]), np.array([])) == 1.0
    few, many = (pace(np.full(count, 15.0), np.full(count, 10.0)) for count in (2, 200))
    assert 1 < few < many < 1.5
    assert pace(np.array([900.0]), np.array([10.0])) < 1.5


def test_a_counters_pace_is_the_surer_the_more_it_served():
    assert pace_spread(0) > pace_spread(4) > pace_spread(100) > 0


def test_drawn_times_have_the_mean_and_the_spread_of_what_was_measured():
    quantiles = np.array([stated(20).quantiles, stated(5).quantiles])
    times = drawn(quantiles, (np.arange(1000)[:, None] + 0.5) / 1000 * np.ones(2))
    assert times.mean(axis=0) == pytest.approx(quantiles.mean(axis=1), rel=0.01)
    assert np.quantile(times[:, 0], 0.9) == pytest.approx(np.interp(0.9, [0.875, 0.925], quantiles[0, 17:19]), rel=0.01)
    assert np.all(np.diff(times, axis=0) >= 0)
    assert times.min() > 0


def test_of_who_is_there_already_only_times_that_are_longer_count():
    quantiles, chance = stated(20).quantiles, (np.arange(1000) + 0.5) / 1000
    fresh, late = (longer(quantiles, np.full(1000, float(so_far)), chance) for so_far in (0, 25))
    assert fresh.mean() == pytest.approx(quantiles.mean(), rel=0.01)
    every = drawn(quantiles[None], chance[:, None])[:, 0]
    assert late.mean() == pytest.approx((every[every > 25] - 25).mean(), rel=0.05)
    assert np.all(longer(quantiles, np.full(1000, 99.0), chance) == 0.2 * quantiles.mean())


def test_nothing_measured_or_nothing_stated_is_no_kind():
    assert learn(measured([]), {7: 10.0}) == {}
    assert learn(measured([5.0]), {}) == {}
    with pytest.raises(ValueError, match="differ in length"):
        Measured(np.zeros(1, np.int64), np.zeros(2, np.int64), np.zeros(1, np.int64), np.zeros(1))
