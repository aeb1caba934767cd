"""Turns at work that only so many do at once: networks take turns, however many calls one of them makes.

Whoever is refused is answered a moment later (`slow_down`): a program that asks again at once would otherwise ask
thousands of times a second, and its refusals be the flood.
"""

import asyncio
import random
from collections import OrderedDict, deque
from threading import Lock
from typing import Final

from booking.base.errors import BusyError

RETRY_SECONDS: Final = 5
PAUSE_SECONDS = 1.0
MOST_SLOWED: Final = 2_000
"""Calls that are refused and wait to hear it, in one process; more hear it at once."""

_SLOWED: Final[set[object]] = set()


async def slow_down() -> None:
    """Wait about a second before a refusal is told; no thread and little memory waits.

    Not all of them equally long: those that were refused together would come back together, again and again.
    """
    if len(_SLOWED) < MOST_SLOWED:
        _SLOWED.add(me := object())
        try:
            await asyncio.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        finally:
            _SLOWED.discard(me)


class FairQueue:
    """Lets few work at once and some wait, the next one from another network than the last.

    When no more may wait, whoever has most in the queue gives way: its newest call is refused, not that of a newcomer.
    Calls of several event loops may share a queue.

    Parameters
    ----------
    at_once, of_one
        Calls that work at the same time, in all and of one network.
    waiting, patience
        Calls that may wait, and for how many seconds.
    """

    def __init__(
        self, *, at_once: int, of_one: int, waiting: int, patience: float, retry_seconds: int = RETRY_SECONDS
    ) -> None:
        self._at_once, self._of_one, self._most, self._patience = at_once, of_one, waiting, patience
        self._retry = retry_seconds
        self._lock = Lock()
        self._lines: OrderedDict[bytes, deque[_Waiter]] = OrderedDict()
        self._working: dict[bytes, int] = {}
        self._taken = self._waiting = 0

    @property
    def working(self) -> int:
        """Calls that have their turn now."""
        return self._taken

    @property
    def waiting(self) -> int:
        """Calls that wait now."""
        return self._waiting

    async def enter(self, who: bytes) -> None:
        """Wait for a turn, which `leave` ends.

        Raises
        ------
        BusyError
            As many wait as may, or it took too long; there is no turn to end.
        """
        with self._lock:
            if self._taken < self._at_once and self._may_begin(who) and who not in self._lines:
                self._begin(who)
                return
            given_way = self._make_room(who)
            waiter = _Waiter()
            self._lines.setdefault(who, deque()).append(waiter)
            self._waiting += 1
        if given_way is not None:
            given_way.tell()
        timer = waiter.loop.call_later(self._patience, self._give_up, who, waiter)
        try:
            await waiter.told.wait()
        except asyncio.CancelledError:
            self._give_up(who, waiter)
            if waiter.has_turn:
                self.leave(who)
            raise
        finally:
            timer.cancel()
        if not waiter.has_turn:
            raise BusyError(self._retry)

    def leave(self, who: bytes) -> None:
        """End a turn; the next one is given."""
        with self._lock:
            left = self._working[who] - 1
            if left:
                self._working[who] = left
            else:
                del self._working[who]
            self._taken -= 1
            chosen = self._choose()
        if chosen is not None:
            chosen.tell()

    def _may_begin(self, who: bytes) -> bool:
        return self._working.get(who, 0) < self._of_one

    def _begin(self, who: bytes) -> None:
        self._working[who] = self._working.get(who, 0) + 1
        self._taken += 1

    def _choose(self) -> "_Waiter | None":
        """Give the free turn to the next network that may have one more."""
        who = next((one for one in self._lines if self._may_begin(one)), None)
        if who is None:
            return None
        line = self._lines.pop(who)
        chosen = line.popleft()
        if line:
            self._lines[who] = line  # behind all others
        self._waiting -= 1
        self._begin(who)
        chosen.has_turn = True
        return chosen

    def _make_room(self, who: bytes) -> "_Waiter | None":
        """Take the newest call of the longest line out of a full queue; raises BusyError where that is its own."""
        if self._waiting < self._most:
            return None
        longest = max(self._lines, key=lambda one: len(self._lines[one]), default=who)
        line = self._lines.get(longest, deque())
        if len(line) <= len(self._lines.get(who, ())) or len(line) <= 1:
            raise BusyError(self._retry)
        self._waiting -= 1
        return line.pop()

    def _give_up(self, who: bytes, waiter: "_Waiter") -> None:
        with self._lock:
            line = self._lines.get(who)
            if line is None or waiter not in line:
                return
            line.remove(waiter)
            self._waiting -= 1
            if not line:
                del self._lines[who]
        waiter.tell()


class _Waiter:
    """A call that waits, in its event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.told = asyncio.Event()
        self.has_turn = False

    def tell(self) -> None:
        """Wake it, from whatever thread."""
        self.loop.call_soon_threadsafe(self.told.set)
