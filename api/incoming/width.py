"""How many turns a process gives at once: fewer while its event loop comes late, all of them while it comes in time.

Routes work in threads, and only one thread of a process runs Python at a time. The loop that reads what arrives,
refuses and sends is one of them: beside twenty that are busy it gets a twentieth of the time, and people wait before
the door even sees them, where nothing tells them how long. Threads that wait for the database do not hold it up, so how
many are too many is measured, not set.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Final

from api.incoming.fair_queue import FairQueue

EVERY_SECONDS: Final = 0.05
LATE_SECONDS: Final = 0.05
"""The loop comes late: from then on fewer turns are given."""
IN_TIME_SECONDS: Final = 0.01
_NARROWER: Final = 0.85
_WIDER: Final = 0.02
_LEAST: Final = 0.4


class Width:
    """Narrows and widens queues together.

    Attributes
    ----------
    share
        Of the turns that each queue gives at most, those that it gives now.
    """

    def __init__(self, queues: Sequence[FairQueue]) -> None:
        self._queues = queues
        self._late, self._due = 0.0, math.inf
        self.share = 1.0

    @property
    def late(self) -> float:
        """Return by how many seconds the loop comes late: it last did, or already does."""
        return max(self._late, time.monotonic() - self._due)

    async def keep_measuring(self) -> None:
        """Measure again and again how late the loop comes, for as long as the process runs."""
        while True:
            self._due = time.monotonic() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self.note(time.monotonic() - self._due)

    def note(self, late: float) -> None:
        """Take in by how many seconds the loop came too late."""
        self._late = late
        if late > LATE_SECONDS:
            self.share = max(_LEAST, self.share * _NARROWER)
        elif late < IN_TIME_SECONDS:
            self.share = min(1.0, self.share + _WIDER)
        for queue in self._queues:
            queue.give(self.share)
