from datetime import UTC, datetime, timedelta, timezone

import pytest

from booking.platform.base.clock import SettableClock, SystemClock

DAMASCUS = timezone(timedelta(hours=3))


def test_the_system_clock_returns_utc():
    assert SystemClock().now().tzinfo is UTC


def test_a_settable_clock_moves_only_when_it_is_set():
    clock = SettableClock(datetime(2026, 11, 1, 9, tzinfo=DAMASCUS))

    assert clock.now() == clock.now() == datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert clock.advance(timedelta(minutes=5)) == datetime(2026, 11, 1, 6, 5, tzinfo=UTC)

    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_settable_clock_refuses_an_instant_without_a_time_zone():
    with pytest.raises(ValueError, match="no time zone"):
        SettableClock(datetime(2026, 11, 1, 9))  # noqa: DTZ001 - the point of the test
