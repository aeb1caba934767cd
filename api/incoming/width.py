"""How many turns a process gives at once: fewer while its event loop comes late, all of them while it comes in time.

Routes work in threads, and only one thread of a process runs Python at a time. The loop that reads what arrives,
refuses and sends is one of them: beside twenty that are busy it gets a twentieth of the time, and people wait before
the door even sees them, where nothing tells them how long. Threads that wait for the database do not hold it up, so how
many are too many is measured, not set. The loop waits its turn for each connection and each call that comes, so turns
are short, too.
"""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from statistics import median_low
from typing import Final

from api.incoming.fair_queue import FairQueue

SWITCH_SECONDS: Final = 0.001
"""For which a thread may run Python while others want to; beside eight busy ones a loop reads six times as many calls
as with the interpreter's own five thousandths (`benchmarks/busy_loop.py`). Shorter turns cost all requests more."""
EVERY_SECONDS: Final = 0.05
LATE_SECONDS: Final = 0.05
"""The loop comes late: from then on fewer turns are given."""
IN_TIME_SECONDS: Final = 0.01
STANDING_SECONDS: Final = 2.0
"""Of measures that are looked at together."""
FEWEST: Final = 5
"""Measures that are looked at together however long they took: one that took seconds is one."""
_NARROWER: Final = 0.85
_WIDER: Final = 0.02
_LEAST: Final = 0.1


class Width:
    """Narrows and widens queues together.

    Parameters
    ----------
    queues
        Each with the least share of its turns that it gives, however late the loop comes.
    now
        Seconds that only grow.

    Attributes
    ----------
    share
        Of the turns that each queue gives at most, those that it gives now, or its own least share where that is more.
    late
        Seconds by which the loop comes late: the middle one of the last measures, two seconds of them and some at
        least. A moment in which the machine had something else to do is no more than one of them.
    """

    def __init__(self, queues: Mapping[FairQueue, float], *, now: Callable[[], float] = time.monotonic) -> None:
        self._queues, self._now = queues, now
        self._lately: deque[tuple[float, float]] = deque()
        self.share, self.late = 1.0, 0.0

    async def keep_measuring(self) -> None:
        """Let threads take short turns, and measure how late the loop comes, for as long as the process runs."""
        sys.setswitchinterval(SWITCH_SECONDS)
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
        for queue, least in self._queues.items():
            queue.give(max(least, self.share))
        self._note_lately(late)

    def _note_lately(self, late: float) -> None:
        """Keep the measures of the last two seconds, and some, however long they took."""
        lately, now = self._lately, self._now()
        lately.append((now, late))
        while len(lately) > FEWEST and lately[0][0] < now - STANDING_SECONDS:
            lately.popleft()
        self.late = median_low(one for _, one in lately) if len(lately) >= FEWEST else 0.0
