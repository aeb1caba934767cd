from datetime import timedelta

import pytest

from fraud.limiting.limits import Limit, PolicyError, check_policy, limits_for

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("subject", "per", "count"),
    [
        ("planet", HOUR, 5),
        ("person", timedelta(0), 5),
        ("person", timedelta(days=365), 5),
        ("person", HOUR, 0),
        ("person", HOUR, -1),
        ("person", HOUR, 10_000_000),
    ],
)
def test_a_limit_without_sense_is_refused(subject, per, count):
    with pytest.raises(PolicyError):
        Limit(subject, per, count)


def test_rounding_never_shortens_the_interval_of_a_limit():
    for count in (1, 3, 7, 11, 999_983):
        limit = Limit("person", HOUR, count)

        assert limit.interval_us * count >= HOUR // timedelta(microseconds=1)


def test_one_subject_cannot_have_two_limits_over_the_same_period():
    with pytest.raises(PolicyError, match="twice"):
        check_policy({"ask": (Limit("person", HOUR, 3), Limit("person", HOUR, 5))})


def test_helpers_have_their_own_limits_where_the_policy_names_them():
    limits = (Limit("device", HOUR, 3), Limit("person", HOUR, 5), Limit("device", HOUR, 30, helper=True))

    assert limits_for(limits, helper=False) == [limits[0], limits[1]]
    assert limits_for(limits, helper=True) == [limits[1], limits[2]]


def test_a_checked_policy_cannot_be_changed():
    with pytest.raises(TypeError):
        check_policy({"ask": (Limit("person", HOUR, 3),)})["ask"] = ()
