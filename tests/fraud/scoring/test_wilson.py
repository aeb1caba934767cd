import pytest

from fraud.scoring.evaluate import Z_99, interval, wilson


def test_the_interval_is_the_published_one():
    # Newcombe (1998), table I: 81 of 263 and 0 of 20
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_the_interval_stays_between_0_and_1():
    assert wilson(0, 0) == interval(0.0, 0, z=Z_99) == (0, 1)
    assert interval(0.0, 10, z=Z_99)[0] == 0
    assert interval(1.0, 10, z=Z_99)[1] == 1
