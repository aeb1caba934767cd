"""Turns at work that only so many do at once: networks take turns, however many calls one of them makes.

A crowd that comes at once is waited out. Where calls have waited for some seconds without a break, more come than can
be served: then a call that would wait longer than its rank should is refused when it comes, by the rate at which turns
end now, instead of after it has waited in vain.
"""

import asyncio
import random
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from threading import Lock
from typing import Final

from api.errors import OverloadedError
from api.incoming.pace import Pace
from booking.platform.base.errors import BusyError

RETRY_SECONDS: Final = 5


class Rank(IntEnum):
    """Who goes first where calls wait."""

    STAFF = 0
    UNDER_WAY = 1  # who is signed in, or sends what they typed on a page that they were given
    NEW = 2


BURST_SECONDS: Final = 3.0
"""So long calls may wait without a break before more come than can be served."""
LONGEST_WAIT: Final[Mapping[Rank, float]] = {Rank.STAFF: 10.0, Rank.UNDER_WAY: 2.0, Rank.NEW: 1.0}
"""Seconds that a call may have to wait from then on; one that would wait longer is refused at once."""
LEFT_WAITING: Final[Mapping[Rank, float]] = {rank: max(BURST_SECONDS, LONGEST_WAIT[rank]) for rank in Rank}
"""Seconds after which one that has waited gives way from then on: others who wait can be served in time instead."""
COMING_SECONDS: Final = 1.0
"""For which a network counts whose call was let in and has not come for its turn: sending slowly keeps nobody out."""
COME_BACK: Final[Mapping[Rank, tuple[int, int]]] = {Rank.STAFF: (3, 6), Rank.UNDER_WAY: (5, 20), Rank.NEW: (20, 90)}
"""Between how many seconds from now they are asked to come back, each at another time, or they would come together."""
NEW_OF: Final = 8
"""One turn of so many goes to those who are new, whoever else waits, so that nobody is kept out for good."""


def come_back(rank: Rank) -> int:
    """Return after how many seconds a call of this rank is asked to come back."""
    return random.randint(*COME_BACK[rank])  # noqa: S311 - no secret


class FairQueue:
    """Lets few work at once and some wait: the better rank first, then another network than the last.

    When no more may wait, a call of a lower rank gives way, or of whoever has most in the queue: its newest call is
    refused, not that of a newcomer. A network that fills more than an eighth of the places gives way to all others
    before that, whatever its rank (staff are not counted), and pushes nobody out: one session would else be enough to
    keep all newcomers out. Calls of several event loops may share a queue.

    Parameters
    ----------
    at_once, of_one
        Calls that work at the same time, in all and of one network.
    waiting, patience
        Calls that may wait, and for how many seconds.
    now
        Seconds that only grow.
    """

    def __init__(
        self,
        *,
        at_once: int,
        of_one: int,
        waiting: int,
        patience: float,
        retry_seconds: int = RETRY_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_at_once = self._at_once = at_once
        self._of_one, self._most, self._crowds, self._patience = of_one, waiting, max(1, waiting // NEW_OF), patience
        self._retry, self._now = retry_seconds, now
        self._lines: Sequence[_Lines] = [OrderedDict() for _ in Rank]
        self._waits, self._waiting = [0 for _ in Rank], 0
        self._coming: Sequence[OrderedDict[bytes, float]] = [OrderedDict() for _ in Rank]
        self._lock, self._working = Lock(), dict[bytes, int]()
        self._taken = self._given = 0
        self._pace, self._never_empty_since = Pace(now), now()

    @property
    def working(self) -> int:
        """Calls that have their turn now."""
        return self._taken

    @property
    def waiting(self) -> int:
        """Calls that wait now."""
        return self._waiting

    def give(self, share: float) -> None:
        """Give only this share of the turns from now on, one at least; those that are given go on."""
        chosen = []
        with self._lock:
            self._at_once = max(min(1, self._most_at_once), round(self._most_at_once * share))
            while self._taken < self._at_once and (one := self._choose()) is not None:
                chosen.append(one)
        for one in chosen:
            one.tell()

    async def enter(self, who: bytes, rank: Rank = Rank.NEW) -> None:
        """Wait for a turn, which `leave` ends.

        Raises
        ------
        api.errors.OverloadedError
            More come than can be served, and this one would wait too long; there is no turn to end.
        BusyError
            As many wait as may, or it took too long; there is no turn to end.
        """
        with self._lock:
            self._coming[rank].pop(who, None)
            if self._is_free_for(who):
                self._begin(who)
                return
            if self.turns_away(rank, who):
                raise OverloadedError(come_back(rank))
            given_way = self._make_room(who, rank)
            waiter = _Waiter(self._now())
            self._lines[rank].setdefault(who, deque()).append(waiter)
            self._count(rank, 1)
        if given_way is not None:
            given_way.tell()
        timer = waiter.loop.call_later(self._patience, self._give_up, who, rank, waiter)
        try:
            await waiter.told.wait()
        except asyncio.CancelledError:
            self._give_up(who, rank, waiter)
            if waiter.has_turn:
                self.leave(who)
            raise
        finally:
            timer.cancel()
        if not waiter.has_turn:
            raise OverloadedError(come_back(rank)) if waiter.too_late else BusyError(self._retry)

    def leave(self, who: bytes) -> None:
        """End a turn; the next one is given."""
        with self._lock:
            self._working[who] -= 1
            if not self._working[who]:
                del self._working[who]
            self._taken -= 1
            self._pace.end_one()
            self._forget_those_not_come()
            chosen = self._choose() if self._taken < self._at_once else None
        if chosen is not None:
            chosen.tell()

    def expect(self, who: bytes, rank: Rank) -> None:
        """Count a call that will `enter` in a moment, once what it sends is read: it comes before those after it."""
        with self._lock:
            self._coming[rank][who] = self._now()
            self._coming[rank].move_to_end(who)
            self._forget_those_not_come()

    def turns_away(self, rank: Rank, who: bytes = b"") -> bool:
        """Return whether a call would be refused now: more come than can be served, and it would wait too long.

        Networks take turns, so a call waits for one of each other network, and as many more as its own has waiting.
        Where a turn is free, beside one for each who comes, it waits for nobody: those who wait have all they may have.
        """
        if not self._is_standing() or self._is_free_for(who, kept=sum(map(len, self._coming))):
            return False
        alike = self._lines[rank]
        before = min(self._waits[rank], len(alike) * (len(alike.get(who, ())) + 1)) + len(self._coming[rank])
        better = sum(self._waits[:rank]) + sum(map(len, self._coming[:rank]))
        if rank is Rank.NEW:
            better = min(better, (NEW_OF - 1) * before)
        return self._pace.seconds_for(before + better) > LONGEST_WAIT[rank]

    def _forget_those_not_come(self) -> None:
        for coming in self._coming:
            while coming and next(iter(coming.values())) < self._now() - COMING_SECONDS:
                coming.popitem(last=False)

    def _is_standing(self) -> bool:
        return self._waiting > 0 and self._now() - self._never_empty_since >= BURST_SECONDS

    def _count(self, rank: Rank, more: int) -> None:
        if not self._waiting:
            self._never_empty_since = self._now()
        self._waits[rank] += more
        self._waiting += more

    def _is_free_for(self, who: bytes, kept: int = 0) -> bool:
        free = self._taken + kept < self._at_once
        return free and self._may_begin(who) and not any(who in one for one in self._lines)

    def _may_begin(self, who: bytes) -> bool:
        narrow = self._at_once < self._most_at_once
        of_one = min(self._of_one, max(1, self._at_once - 1)) if narrow else self._of_one
        return self._working.get(who, 0) < of_one

    def _begin(self, who: bytes) -> None:
        self._working[who] = self._working.get(who, 0) + 1
        self._taken += 1

    def _choose(self) -> "_Waiter | None":
        """Give the free turn to the next network that may have one more, of the best rank that has any.

        Where more come than can be served, who has waited too long is refused, and another one served in time.
        """
        for rank in _NEW_FIRST if self._given % NEW_OF == 0 else _IN_ORDER:
            lines = self._lines[rank]
            while (who := next((one for one in lines if self._may_begin(one)), None)) is not None:
                line = lines.pop(who)
                chosen = line.popleft()
                if line:
                    lines[who] = line  # behind all others
                gives_way = self._gives_way(rank, chosen)
                self._count(rank, -1)
                if gives_way:
                    chosen.too_late = True
                    chosen.tell()
                    continue
                self._given += 1
                self._begin(who)
                chosen.has_turn = True
                return chosen
        return None

    def _gives_way(self, rank: Rank, waiter: "_Waiter") -> bool:
        """Return whether a call has waited too long, where those behind it would wait too long as well.

        The last of a crowd do not: they are served in a moment, and nobody else gains by their going.
        """
        if not self._is_standing() or self._now() - waiter.since <= LEFT_WAITING[rank]:
            return False
        return self._pace.seconds_for(self._waiting) > LONGEST_WAIT[rank]

    def _make_room(self, who: bytes, rank: Rank) -> "_Waiter | None":
        """Take a call out of a full queue: of a network that crowds it, of a lower rank, or of the longest line.

        Raises
        ------
        BusyError
            All are of a better rank, or the call's own network has as many waiting as may be or as the one with most.
        """
        if self._waiting < self._most:
            return None
        mine = len(self._lines[rank].get(who, ()))
        pushes = rank is Rank.STAFF or mine < self._crowds
        most = {one: self._longest(one) for one in _IN_ORDER}
        lowest = max((Rank.UNDER_WAY, Rank.NEW), key=lambda one: most[one][0])
        fair = pushes and most[lowest][0] > self._crowds
        if not fair:
            lowest = next((one for one in reversed(_IN_ORDER) if self._waits[one]), rank)
            fair = pushes if lowest > rank else lowest is rank and most[rank][0] > max(1, mine)
        if not fair:
            raise BusyError(self._retry)
        _, longest = most[lowest]
        line = self._lines[lowest][longest]
        self._count(lowest, -1)
        given_way = line.pop()
        if not line:
            del self._lines[lowest][longest]
        return given_way

    def _longest(self, rank: Rank) -> tuple[int, bytes]:
        """Return how many calls of a rank wait of the network that has most of them, and which that is."""
        return max(((len(line), who) for who, line in self._lines[rank].items()), default=(0, b""))

    def _give_up(self, who: bytes, rank: Rank, waiter: "_Waiter") -> None:
        with self._lock:
            line = self._lines[rank].get(who)
            if line is None or waiter not in line:
                return
            line.remove(waiter)
            self._count(rank, -1)
            if not line:
                del self._lines[rank][who]
        waiter.tell()


class _Waiter:
    """A call that waits, in its event loop."""

    def __init__(self, since: float) -> None:
        self.since = since
        self.loop = asyncio.get_running_loop()
        self.told = asyncio.Event()
        self.has_turn = self.too_late = False

    def tell(self) -> None:
        """Wake it, from whatever thread."""
        self.loop.call_soon_threadsafe(self.told.set)


_Lines = OrderedDict[bytes, deque[_Waiter]]
_IN_ORDER: Final = tuple(Rank)
_NEW_FIRST: Final = (Rank.STAFF, Rank.NEW, Rank.UNDER_WAY)
