"""Channels that rest for the remainder of a run, because their gateway does not answer."""

import os
from collections.abc import MutableSequence
from mmap import mmap
from threading import Lock
from typing import Final, cast

from booking.platform.base.message_states import Channel, TryOutcome

IN_A_ROW: Final = 16
"""So many that a gateway which answers every second time hardly ever rests; a dead one is asked for some seconds."""
_NO_ANSWER: Final = frozenset({TryOutcome.UNREACHABLE, TryOutcome.TIMED_OUT, TryOutcome.UNAVAILABLE})
_WIDTH: Final = 4
"""Bytes of a count."""
_PLACES: Final = {channel: place for place, channel in enumerate(Channel)}


class Resting:
    """Counts tries in a row that had no answer, by channel; threads share it, and processes that share its counts.

    Parameters
    ----------
    counts
        One more than such tries for each channel, 0 where it was not tried. Two processes that count at one instant
        may count one: it is then asked once more.
    """

    def __init__(self, counts: MutableSequence[int] | None = None) -> None:
        self._counts, self._lock = [0] * len(Channel) if counts is None else counts, Lock()

    def note(self, channel: Channel, outcome: TryOutcome) -> None:
        """Count a try; an answer of any kind begins anew."""
        place = _PLACES[channel]
        with self._lock:
            self._counts[place] = max(1, self._counts[place]) + 1 if outcome in _NO_ANSWER else 1

    def is_resting(self, channel: Channel) -> bool:
        """Return whether thousands would only wait for a gateway that is away."""
        return self._counts[_PLACES[channel]] > IN_A_ROW

    def all_rest(self) -> bool:
        """Return whether every channel that was tried rests: to claim more of a million would be work for nothing."""
        tried = [count for count in self._counts if count]
        return bool(tried) and min(tried) > IN_A_ROW


def shared_counts(descriptor: int) -> MutableSequence[int]:
    """Return counts that lie in a file, which several processes have open; an empty file begins with zeros."""
    os.truncate(descriptor, _WIDTH * len(Channel))
    return cast("MutableSequence[int]", memoryview(mmap(descriptor, _WIDTH * len(Channel))).cast("I"))
