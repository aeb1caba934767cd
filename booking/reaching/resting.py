"""Channels that rest for the remainder of a run, because their gateway does not answer."""

from threading import Lock
from typing import Final

from booking.base.message_states import Channel, TryOutcome

IN_A_ROW: Final = 16
"""So many that a gateway which answers every second time hardly ever rests; a dead one is asked for some seconds."""
_NO_ANSWER: Final = frozenset({TryOutcome.UNREACHABLE, TryOutcome.TIMED_OUT, TryOutcome.UNAVAILABLE})


class Resting:
    """Counts tries in a row that had no answer, by channel; threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._in_a_row: dict[Channel, int] = {}

    def note(self, channel: Channel, outcome: TryOutcome) -> None:
        """Count a try; an answer of any kind begins anew."""
        with self._lock:
            self._in_a_row[channel] = self._in_a_row.get(channel, 0) + 1 if outcome in _NO_ANSWER else 0

    def is_resting(self, channel: Channel) -> bool:
        """Return whether thousands would only wait for a gateway that is away."""
        with self._lock:
            return self._in_a_row.get(channel, 0) >= IN_A_ROW

    def all_rest(self) -> bool:
        """Return whether every channel that was tried rests: to claim more of a million would be work for nothing."""
        with self._lock:
            return bool(self._in_a_row) and min(self._in_a_row.values()) >= IN_A_ROW
