"""A circuit breaker: a server that does not answer is left alone, and tried again now and then."""

import threading
from collections.abc import Callable
from typing import Final

FAILURES_TO_OPEN: Final = 3
REST_SECONDS: Final = 1.0


class Breaker:
    """After some failures in a row, leaves the server alone for a while; then lets one call at a time try it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0

    def may_try(self) -> bool:
        """Return whether to call the server now; of those who ask while it rests, one a second may."""
        if self._failures < FAILURES_TO_OPEN:
            return True
        with self._lock:
            now = self._monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + REST_SECONDS
            return True

    def failed(self) -> bool:
        """Note that a call failed; return whether the server is left alone now."""
        with self._lock:
            self._failures += 1
            self._next_try = self._monotonic() + REST_SECONDS
            return self._failures >= FAILURES_TO_OPEN

    def worked(self) -> bool:
        """Close the breaker; return whether it had been failing."""
        if self._failures == 0:
            return False
        with self._lock:
            had_failed = self._failures > 0
            self._failures = 0
            return had_failed
