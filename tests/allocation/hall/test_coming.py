"""Who will still come into a hall, from who came today."""

import numpy as np
import pytest

from allocation.hall.coming import by_law, tickets_of
from allocation.hall.service_times import LEVELS, stated


def test_as_many_come_as_in_the_last_hour():
    ago, visits = np.array([5.0, 10.0, 59.0, 61.0, 200.0]), [stated(10).quantiles] * 5
    assert tickets_of(ago, 240.0, visits, 0.1).rate == pytest.approx(3 / 60)
    assert tickets_of(ago[:2], 20.0, visits[:2], 0.1).rate == pytest.approx(2 / 20)


def test_before_anybody_came_nobody_is_expected():
    nobody = tickets_of(np.empty(0), 0.0, [], 0.05)
    assert (nobody.rate, nobody.quantiles.shape) == (0.0, (0, LEVELS))


def test_the_more_came_the_less_what_is_assumed_of_the_law_counts():
    assert by_law(0, 0) == pytest.approx(0.05)
    assert 0.05 < by_law(2, 10) < by_law(200, 1000) < 0.2
    assert by_law(0, 1000) < 0.01
