"""Limits as text: what is written holds, and a fault is named with its line and word."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.limiting.limits import SUBJECTS, Limit, PolicyError, limits_for
from fraud.limiting.text import ACTIONS, LONGEST_TEXT, default_limits, default_limits_source, parse_limits


def text(**changes: str) -> str:
    """Write a small policy with some actions' tables changed."""
    tables = dict.fromkeys(ACTIONS, 'person = "5 per hour"') | changes
    return "\n".join(f"[{action}]\n{table}" for action, table in tables.items())


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("30 per hour", Limit("person", timedelta(hours=1), 30)),
        ("1 per day", Limit("person", timedelta(days=1), 1)),
        ("4 per 15 minutes", Limit("person", timedelta(minutes=15), 4)),
        ("7 per 1 second", Limit("person", timedelta(seconds=1), 7)),
    ],
)
def test_a_limit_is_written_as_it_is_said(written, limit):
    assert parse_limits(text(ask=f'person = "{written}"')).policy["ask"] == (limit,)


def test_one_subject_may_be_limited_over_several_periods_and_helpers_apart():
    limits = parse_limits(text(ask='phone = ["4 per hour", "9 per day"]\n[ask.helper]\nphone = "90 per day"')).policy

    assert limits["ask"] == (
        Limit("phone", timedelta(hours=1), 4),
        Limit("phone", timedelta(days=1), 9),
        Limit("phone", timedelta(days=1), 90, helper=True),
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('devise = "5 per hour"', "line 2: “devise” is no subject; did you mean device?"),
        ('\ndevice = "5 per fortnight"', "line 3: “fortnight” is no period"),
        ('device = "5 per huor"', "line 2: “huor” is no period; did you mean hour?"),
        ('device = "five per hour"', "line 2: “five per hour” is no limit"),
        ("device = 5", "line 2: “5” is no limit"),
        ("device" + ".a" * 3_000 + " = 1", "a table or a list is no limit"),
        ("device = " + "1" * 5_000, "not TOML"),
        ("device = " + "[" * 5_000, "not TOML"),
        ('device = ["5 per hour", "6 per hour"]', "line 2: device is limited twice over the same period"),
        ("device = []", "line 2: device has an empty list"),
        ('device = "0 per hour"', "line 2: the count for device must be between 1"),
        ('device = "5 per 999999999 days"', "line 2: the period for device must be between"),
        ('device = "5 per hour', "not TOML: .*line 2"),
        ("", "line 1: .ask. limits nothing"),
        ('person = "5 per hour"\n[ask.helper]\ndevise = "5 per hour"', "line 4: “devise” is no subject"),
        ('person = "5 per hour"\nhelper = 3', "line 3: “helper” must be a table"),
        ("\n".join(f"{s} = {[f'5 per {n} minutes' for n in (1, 2)]}" for s in SUBJECTS), "line 1: .* more than 16"),
    ],
)
def test_a_fault_is_named_with_its_line_and_word(table, message):
    with pytest.raises(PolicyError, match=message):
        parse_limits(text(ask=table))


def test_an_unknown_or_missing_action_is_a_fault():
    with pytest.raises(PolicyError, match="line 1: “aks” is no action; did you mean ask"):
        parse_limits(text().replace("[ask]", "[aks]"))
    with pytest.raises(PolicyError, match=r"there is no \[code\]"):
        parse_limits(text().replace('[code]\nperson = "5 per hour"', ""))
    with pytest.raises(PolicyError, match="line 1: “ask” must be a table"):
        parse_limits("ask = 3\n" + text().replace('[ask]\nperson = "5 per hour"', ""))


def test_an_older_text_has_the_built_in_limits_of_actions_it_does_not_know():
    older = text().replace('[prove]\nperson = "5 per hour"', "")
    with pytest.raises(PolicyError, match="prove"):
        parse_limits(older)

    assert parse_limits(older, older=True).policy["prove"] == default_limits().policy["prove"]


def test_a_text_that_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(PolicyError, match="are allowed"):
        parse_limits("#" * (LONGEST_TEXT + 1))


@given(st.text(max_size=300))
def test_any_text_is_a_policy_or_a_fault(source):
    with pytest.raises(PolicyError):
        parse_limits(source)


@given(st.sampled_from(ACTIONS), st.text(max_size=60))
def test_any_value_is_a_limit_or_a_fault(action, value):
    with contextlib.suppress(PolicyError):
        parse_limits(text(**{action: f"person = {value}"}))


def test_the_version_names_the_text():
    assert parse_limits(text()).version == parse_limits(text()).version
    assert parse_limits(text()).version != parse_limits(text() + "\n# a comment").version


def test_the_default_limits_name_every_action():
    assert set(default_limits().policy) == set(ACTIONS)
    assert parse_limits(default_limits_source()) == default_limits()


def test_a_school_on_one_network_fits_the_default_limits():
    for limits in default_limits().policy.values():
        assert all(limit.count >= 1_000 for limit in limits if limit.subject == "network")


def test_a_household_of_ten_on_one_phone_fits_the_default_limits():
    shared = [one for one in default_limits().policy["ask"] if one.subject in {"device", "account", "phone"}]

    assert all(limit.count >= 20 for limit in shared)


def test_the_default_limits_give_a_registered_helper_more_and_never_less():
    for limits in default_limits().policy.values():
        of_helpers = [one for one in limits_for(limits, helper=True) if one.helper]
        for limit in of_helpers:
            assert limit.count > max(one.count for one in limits if one.subject == limit.subject and not one.helper)


def test_a_budget_warns_before_it_is_spent():
    policy = default_limits().policy
    warning, *more = policy["code_warning"]
    budget = [limit for limit in policy["code"] if limit.subject == "everyone"]

    assert not more
    assert all(warning.count < limit.count and warning.per == limit.per for limit in budget)
