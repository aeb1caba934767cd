"""How many turns a process gives at once: fewer while its event loop comes late, all of them while it comes in time.

Routes work in threads, and only one thread of a process runs Python at a time. The loop that reads what arrives,
refuses and sends is one of them: beside twenty that are busy it gets a twentieth of the time, and people wait before
the door even sees them, where nothing tells them how long. Threads that wait for the database do not hold it up, so how
many are too many is measured, not set.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from api.incoming.fair_queue import FairQueue

EVERY_SECONDS: Final = 0.05
LATE_SECONDS: Final = 0.05
"""The loop comes late: from then on fewer turns are given."""
IN_TIME_SECONDS: Final = 0.01
STANDING_SECONDS: Final = 2.0
"""So long the loop comes late without a break before that is no moment any more."""
FEWEST: Final = 3
"""Measures that are needed to say so: one that took longer than that is one."""
_NARROWER: Final = 0.85
_WIDER: Final = 0.02
_LEAST: Final = 0.4


class Width:
    """Narrows and widens queues together.

    Parameters
    ----------
    now
        Seconds that only grow.

    Attributes
    ----------
    share
        Of the turns that each queue gives at most, those that it gives now.
    late
        Seconds by which the loop has come late, each time for the last two seconds: the least of them. A moment in
        which the machine had something else to do is waited out, and a loop that came in time once is not too slow.
    """

    def __init__(self, queues: Sequence[FairQueue], *, now: Callable[[], float] = time.monotonic) -> None:
        self._queues, self._now = queues, now
        self._lately: deque[tuple[float, float]] = deque()
        self.share, self.late = 1.0, 0.0

    async def keep_measuring(self) -> None:
        """Measure again and again how late the loop comes, for as long as the process runs."""
        while True:
            due = self._now() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self.note(self._now() - due)

    def note(self, late: float) -> None:
        """Take in by how many seconds the loop came too late."""
        if late > LATE_SECONDS:
            self.share = max(_LEAST, self.share * _NARROWER)
        elif late < IN_TIME_SECONDS:
            self.share = min(1.0, self.share + _WIDER)
        for queue in self._queues:
            queue.give(self.share)
        self._note_lately(late)

    def _note_lately(self, late: float) -> None:
        """Keep the measures of the last two seconds, the one just before them, and some, however long they took."""
        lately, now = self._lately, self._now()
        lately.append((now, late))
        while len(lately) > FEWEST and lately[1][0] <= now - STANDING_SECONDS:
            lately.popleft()
        stands = len(lately) >= FEWEST and lately[0][0] <= now - STANDING_SECONDS
        self.late = min(one for _, one in lately) if stands else 0.0
