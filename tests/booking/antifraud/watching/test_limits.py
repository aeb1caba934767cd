"""Limits by hand: small binomials whose probabilities are fractions that anybody can add up."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.antifraud.watching.limits import (
    ALERT_TAIL,
    WARNING_TAIL,
    Standing,
    at_least,
    at_most,
    lower_limit,
    standing,
)
from booking.antifraud.watching.limits import upper_limit as upper


def test_tails_of_ten_tosses_match_pascals_triangle():
    for count in range(11):
        above = sum(comb(10, k) for k in range(count, 11)) / 1024
        assert at_least(count, 10, 0.5) == pytest.approx(above, abs=1e-12)
        assert at_most(count, 10, 0.5) == pytest.approx(1 - above + comb(10, count) / 1024, abs=1e-12)


def test_limits_are_interpolated_as_in_the_papers_appendix():
    # Ten tosses: P(0)+P(1) = 11/1024 < 0.025 < P(0)+P(1)+P(2) = 56/1024, so r = 2 and a = (56/1024 - 0.025)/(45/1024).
    part = (56 / 1024 - 0.025) / (45 / 1024)
    assert lower_limit(10, 0.5, 0.025) == pytest.approx((2 - part) / 10)
    assert upper(10, 0.5, 0.025) == pytest.approx(1 - (2 - part) / 10)
    # Two tosses: even none of two has a probability of a quarter, so no share is low, and none high.
    assert lower_limit(2, 0.5, 0.025) == 0
    assert upper(2, 0.5, 0.025) == 1
    # Three of a share of a tenth: P(3) = 0.001 is at the limit itself, P(2) + P(3) = 0.028 is not.
    assert upper(3, 0.1, 0.0011) < 1
    assert upper(3, 0.1, 0.0009) == 1


def test_limits_meet_a_target_of_all_or_nothing():
    assert 6 / 7 < lower_limit(7, 1.0, ALERT_TAIL) <= 1
    assert 0 <= upper(7, 0.0, ALERT_TAIL) < 1 / 7
    assert standing(7, 7, 1.0) is Standing.WITHIN
    assert standing(1, 7, 0.0) is Standing.FAR_ABOVE
    assert standing(0, 0, 0.5) is Standing.WITHIN


def test_thousands_do_not_underflow():
    assert at_least(0, 20_000, 0.4) == pytest.approx(1)
    assert 0.38 < lower_limit(20_000, 0.4, ALERT_TAIL) < 0.4 < upper(20_000, 0.4, ALERT_TAIL) < 0.42


@given(of=st.integers(1, 400), share=st.floats(0.01, 0.99), data=st.data())
def test_a_dot_is_outside_a_curve_exactly_when_its_tail_is_small(of, share, data):
    count = data.draw(st.integers(0, of))
    for tail in (WARNING_TAIL, ALERT_TAIL):
        above, below = at_least(count, of, share), at_most(count, of, share)
        if abs(above - tail) > 1e-9:
            assert (count / of > upper(of, share, tail) + 1e-12) == (above < tail)
        if abs(below - tail) > 1e-9:
            assert (count / of < lower_limit(of, share, tail) - 1e-12) == (below < tail)


@given(share=st.floats(0.05, 0.95))
def test_limits_close_in_on_the_target(share):
    widths = [upper(of, share, ALERT_TAIL) - lower_limit(of, share, ALERT_TAIL) for of in (50, 200, 800, 3200)]
    assert widths == sorted(widths, reverse=True)
