from datetime import timedelta

import pytest

from fraud.limits import DEFAULT_LIMITS, Limit, PolicyError, check_policy

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


def test_every_public_action_has_default_limits():
    public = {"ask", "hold", "code", "code_warning", "proof", "signin", "register", "search"}

    assert set(DEFAULT_LIMITS) == public


def test_a_school_on_one_network_fits_the_default_limits():
    for limits in DEFAULT_LIMITS.values():
        assert all(limit.count >= 1_000 for limit in limits if limit.subject == "network")


def test_a_budget_warns_before_it_is_spent():
    warning, *more = DEFAULT_LIMITS["code_warning"]
    budget = [limit for limit in DEFAULT_LIMITS["code"] if limit.subject == "everyone"]

    assert not more
    assert all(warning.count < limit.count and warning.per == limit.per for limit in budget)


def test_a_household_of_ten_on_one_phone_fits_the_default_limits():
    shared = [limit for limit in DEFAULT_LIMITS["ask"] if limit.subject in {"device", "account", "phone"}]

    assert all(limit.count >= 20 for limit in shared)


def test_the_default_limits_cannot_be_changed():
    with pytest.raises(TypeError):
        DEFAULT_LIMITS["ask"] = ()
