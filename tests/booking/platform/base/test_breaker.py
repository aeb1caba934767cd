"""The breaker by its own: one caller tries, and a clock that was set back changes nothing for ever."""

from datetime import timedelta

from booking.platform.base.bounded_http import FAILURES, REST, Breaker


def opened(clock):
    breaker = Breaker(clock)
    assert [breaker.failed() for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    return breaker


def test_failures_count_only_in_a_row(clock):
    breaker = Breaker(clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.answered()

    assert breaker.admits()
    assert not breaker.is_open


def test_one_caller_tries_after_the_rest_and_the_others_wait(clock):
    breaker = opened(clock)

    assert not breaker.admits()
    clock.advance(REST)
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert breaker.admits()


def test_a_caller_who_tries_and_is_never_heard_of_again_blocks_nobody(clock):
    breaker = opened(clock)
    clock.advance(REST)
    assert breaker.admits()

    clock.advance(REST)
    assert breaker.admits()


def test_a_clock_that_is_set_back_ends_the_rest(clock):
    breaker = opened(clock)

    clock.advance(-timedelta(days=1))
    assert breaker.admits()
