"""How the register does, as this process saw it: seconds and outcomes of each call, without a reference to anyone."""

from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Final

BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
"""Upper bounds of the buckets, in seconds; one more bucket holds what took longer."""
ANSWERED: Final = "answered"


class RegisterState(StrEnum):
    """What this process knows of the register."""

    INVENTED = "invented"
    """There is none but the one of invented people that this process has itself."""
    UNTRIED = "untried"
    """Nobody asked it since the process began."""
    ANSWERS = "answers"
    AWAY = "away"
    """It did not answer several times in a row; it is tried again every few seconds, when somebody asks."""


@dataclass(slots=True)
class CallTimes:
    """One kind of call: how many fell into each bucket, the sum of their seconds, how many ended how."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)


class RegisterCalls:
    """Counts that threads share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[str, CallTimes] = {}
        self.state = RegisterState.INVENTED

    def observe(self, call: str, outcome: str, seconds: float | None) -> None:
        """Count a call and its outcome, `ANSWERED` or a kind of failure; ``seconds`` None for one that was not made."""
        with self._lock:
            times = self._calls.setdefault(call, CallTimes())
            times.outcomes[outcome] = times.outcomes.get(outcome, 0) + 1
            if seconds is not None:
                times.buckets[bisect_left(BOUNDS, seconds)] += 1
                times.seconds += seconds

    def read(self) -> dict[str, CallTimes]:
        """Return a copy of all counts, by call."""
        with self._lock:
            return {
                call: CallTimes(list(times.buckets), times.seconds, dict(times.outcomes))
                for call, times in self._calls.items()
            }
