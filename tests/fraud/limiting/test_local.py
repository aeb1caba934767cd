"""What must hold of the limits whatever happens; the script is held to the same by its twin's test."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fraud.limiting.limits import Limit, LocalLimits

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
