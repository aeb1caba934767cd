"""Stops asking what did not answer several times in a row, and tries again after a while, one caller at a time."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from booking.platform.base.clock import Clock

FAILURES: Final = 5
"""In a row, until it is left alone."""
REST: Final = timedelta(seconds=10)
"""How long it is left alone, and how long a caller who tries it may take before another one does."""


class Breaker:
    """Counts failures of one process, shared by its threads.

    Closed: everyone may ask. After `FAILURES` in a row it opens: nobody may, for `REST`. Then one caller tries, and its
    outcome closes the breaker or opens it again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._failures = 0
        self._rests_since: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last that is known is that nobody answers."""
        return self._rests_since is not None

    def admits(self) -> bool:
        """Return whether this caller may ask; who may must tell `answered` or `failed`."""
        now = self._clock.now()
        with self._lock:
            if self._rests_since is None:
                return True
            if self._rests_since <= now < self._rests_since + REST:  # a clock that was set back ends the rest
                return False
            self._rests_since = now
            return True

    def answered(self) -> None:
        """Close it: somebody answers."""
        with self._lock:
            self._failures, self._rests_since = 0, None

    def failed(self) -> bool:
        """Count a failure; return whether this one opened it."""
        now = self._clock.now()
        with self._lock:
            self._failures += 1
            if self._failures < FAILURES:
                return False
            opened, self._rests_since = self._rests_since is None, now
            return opened
