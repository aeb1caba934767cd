"""How many turns end a second, and so how long a call has to wait behind others."""

from collections.abc import Callable
from typing import Final

_SPAN_SECONDS: Final = 1.0
_SILENT_SECONDS: Final = 2.0


class Pace:
    """How many turns end a second, now: a mean that forgets half of the past every second.

    Where none ends for longer than that, the pace falls with the time that has passed.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._ended, self._since = now, 0, now()
        self._mean: float | None = None

    def end_one(self) -> None:
        """Count a turn that ended."""
        self._ended += 1
        passed = self._now() - self._since
        if passed >= _SPAN_SECONDS:
            rate = self._ended / passed
            self._mean = rate if self._mean is None else (rate + self._mean) / 2
            self._ended, self._since = 0, self._now()

    def seconds_for(self, turns: int) -> float:
        """Return how long so many turns take; 0 where nothing is known."""
        if self._mean is None:
            return 0.0
        passed = self._now() - self._since
        rate = self._mean if passed < _SILENT_SECONDS else min(self._mean, (self._ended + 1) / passed)
        return turns / rate
