from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.limiting.limits import Limit, LocalLimits, PolicyError, check_policy, limits_for

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


MICROSECONDS = 1_000_000
COUNTS = st.integers(1, 8)
PERIODS = st.integers(1, 3_600)
WAITS = st.lists(st.integers(0, 2_000), min_size=1, max_size=60)


def admitted(limit: Limit, waits: list[int], workers: int = 1) -> list[int]:
    now = 0
    limits = LocalLimits(workers, lambda: now)
    instants = []
    for wait in waits:
        now += wait
        if limits.attempt(["key"], [limit])[0]:
            instants.append(now)
    return instants


@given(COUNTS, PERIODS, WAITS)
def test_no_stretch_of_time_admits_more_than_the_bound(count, period, waits):
    instants = admitted(Limit("person", timedelta(seconds=period), count), waits)

    for first, start in enumerate(instants):
        for last in range(first, len(instants)):
            stretch = instants[last] - start
            assert last - first + 1 <= count * (1 + stretch / period)


@given(COUNTS, PERIODS)
def test_a_rested_subject_may_use_its_whole_count_at_once(count, period):
    limit = Limit("person", timedelta(seconds=period), count)

    assert len(admitted(limit, [period] + [0] * (count + 3))) == count


@given(COUNTS, PERIODS, WAITS)
def test_asking_less_often_than_the_rate_is_never_refused(count, period, waits):
    slow = [wait + -(-period // count) + 1 for wait in waits]

    assert len(admitted(Limit("person", timedelta(seconds=period), count), slow)) == len(slow)


@given(COUNTS, PERIODS, st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_waiting_as_long_as_asked_is_enough_and_not_too_long(count, period, waits):
    limit = Limit("person", timedelta(seconds=period), count)
    now = 0
    limits = LocalLimits(1, lambda: now / MICROSECONDS)
    for wait in waits:
        now += wait * MICROSECONDS
        allowed, _, _, more, _ = limits.attempt(["key"], [limit])
        if not allowed:
            now += more - 2_000  # the float clock of so many seconds is exact to well below a millisecond
            assert not limits.attempt(["key"], [limit])[0]
            now += 4_000
            assert limits.attempt(["key"], [limit])[0]


@given(COUNTS, COUNTS, st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_refused_attempt_changes_nothing(small, large, both):
    hour = timedelta(hours=1)
    one, two = Limit("person", hour, small), Limit("network", hour, large)
    limits, passed = LocalLimits(1, lambda: 0.0), 0
    charged_two = 0
    for with_first in both:
        keys, judged = (["p", "n"], [one, two]) if with_first else (["n"], [two])
        allowed = limits.attempt(keys, judged)[0]
        expected = charged_two < large and (not with_first or passed < small)
        assert bool(allowed) == expected
        charged_two += allowed
        passed += allowed and with_first


@given(st.integers(1, 50), st.integers(1, 8), PERIODS)
def test_workers_together_admit_at_once_no_more_than_the_count_or_one_each(count, workers, period):
    limit = Limit("person", timedelta(seconds=period), count)

    total = workers * len(admitted(limit, [0] * (count + 5), workers))

    assert total <= max(count, workers)


@given(COUNTS, PERIODS, st.lists(st.integers(0, 600), min_size=1, max_size=30), st.integers(0, 4_000))
def test_waiting_longer_never_turns_a_yes_into_a_no(count, period, waits, more):
    limit = Limit("person", timedelta(seconds=period), count)

    def last_answer(extra: int) -> tuple[int, int, int]:
        now = 0
        limits = LocalLimits(1, lambda: now)
        for wait in waits:
            now += wait
            limits.attempt(["key"], [limit])
        now += extra
        allowed, _, remaining, wait, _ = limits.attempt(["key"], [limit])
        return allowed, remaining, -wait

    assert last_answer(more) >= last_answer(0)


def test_memory_is_bounded_and_the_longest_waits_are_kept():
    limits = LocalLimits(1, lambda: 0.0, max_keys=100)
    used_up = Limit("person", timedelta(days=1), 1)
    brief = Limit("person", timedelta(seconds=5), 5)
    limits.attempt(["hoarder"], [used_up])

    for number in range(1_000):
        limits.attempt([f"passer-by {number}"], [brief])

    assert len(limits._arrivals) <= 100
    assert not limits.attempt(["hoarder"], [used_up])[0]
