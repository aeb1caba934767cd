"""Service times: few measured ones lean on what is known more widely, many stand for themselves."""

import numpy as np
import pytest

from allocation.hall.service_times import LEVELS, Measured, learn, pace, stated, time_of


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


def test_nothing_measured_or_nothing_stated_is_no_kind():
    assert learn(measured([]), {7: 10.0}) == {}
    assert learn(measured([5.0]), {}) == {}
    with pytest.raises(ValueError, match="differ in length"):
        Measured(np.zeros(1, np.int64), np.zeros(2, np.int64), np.zeros(1, np.int64), np.zeros(1))
