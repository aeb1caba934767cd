"""Who moves where: a place that somebody leaves goes to the first in line of those who asked for its kind.

Everybody applies for their best kind. A kind keeps whoever holds one of its places, then the first in line of its
circle, then the first in line of all others, as many as it has places; who is not kept applies for their next kind, and
at the end for their own, which always keeps them. Places for which people wait in a draw stay as many as they were: a
circle keeps as many in all as it had holders, those first.

What comes out does not depend on who applies first. Nobody loses; no false wish helps whoever states it; nobody gets a
place that somebody ahead of them in its line asked for and did not get; and no outcome that keeps these promises is
better for anybody. Two who agree on it cannot hand a place to each other: cycles that trade would let them, and move
more people (`allocation.swapping.cycles`; `./run bench exchange` counts both).

Sources: Gale, Shapley, American Mathematical Monthly 69 (1962); Hatfield, Milgrom, American Economic Review 95(4)
(2005), for choices by a matroid, which are substitutes with the law of aggregate demand, so that truth is best; Kamada,
Kojima, American Economic Review 105(1) (2015), for caps over several kinds.
"""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import NOBODY_WAITS, Night


def exchange_in_line(night: Night) -> NDArray[np.int32]:
    """Return the kind that each holder has afterwards, int32 (holders,): the own one, or one that they wished for."""
    return _Applications(night).settled()


class _Applications:
    """Who is kept where so far. The worst one of a kind, or of a circle, is looked up in heaps with lazy removal."""

    def __init__(self, night: Night) -> None:
        held = np.bincount(night.holds, minlength=night.kinds)
        circles = int(night.circle.max(initial=NOBODY_WAITS)) + 1
        inside = night.circle[night.holds]
        self.holds, self.home = night.holds.tolist(), inside.tolist()
        self.order: list[int] = night.order.tolist()
        self.wishes, self.starts = night.wishes.tolist(), night.wish_start.tolist()
        self.circle = night.circle.tolist()
        self.room = (night.free + held).tolist()
        self.circle_room = np.bincount(inside[inside >= 0], minlength=circles).tolist()
        self.next = self.starts[:-1]
        self.kept = [-1] * night.holders
        self.of_kind: list[list[tuple[int, int]]] = [[] for _ in range(night.kinds)]
        self.of_circle: list[list[tuple[int, int, int]]] = [[] for _ in range(circles)]

    def settled(self) -> NDArray[np.int32]:
        """Let everybody apply until all are kept."""
        for first in range(len(self.holds)):
            applicant = first
            while applicant >= 0:
                applicant = self._apply(applicant)
        return np.array(self.kept, np.int32)

    def _apply(self, holder: int) -> int:
        """Let a holder apply for the next kind; return who is not kept any more, or -1."""
        at = self.next[holder]
        own = at == self.starts[holder + 1]
        kind = self.holds[holder] if own else self.wishes[at]
        self.next[holder] = at + (not own)
        circle = self.circle[kind]
        self.kept[holder] = kind
        self.room[kind] -= 1
        if circle >= 0:
            self.circle_room[circle] -= 1
        if not own:  # who holds a place of the kind is always kept, so nobody looks for them here
            behind = self._behind(holder, circle)
            heappush(self.of_kind[kind], (-behind, holder))
            if circle >= 0:
                heappush(self.of_circle[circle], (-behind, holder, kind))
        if self.room[kind] < 0:
            return self._let_go(self._last_of_kind(kind))
        if circle >= 0 and self.circle_room[circle] < 0:
            return self._let_go(self._last_of_circle(circle))
        return -1

    def _behind(self, holder: int, circle: int) -> int:
        """Return a holder's position in the line of a circle: behind all of its own where they come from elsewhere."""
        return self.order[holder] + (len(self.holds) if circle >= 0 and self.home[holder] != circle else 0)

    def _let_go(self, holder: int) -> int:
        kind = self.kept[holder]
        self.room[kind] += 1
        if self.circle[kind] >= 0:
            self.circle_room[self.circle[kind]] += 1
        self.kept[holder] = -1
        return holder

    def _last_of_kind(self, kind: int) -> int:
        while True:
            _, holder = heappop(self.of_kind[kind])
            if self.kept[holder] == kind:
                return holder

    def _last_of_circle(self, circle: int) -> int:
        while True:
            _, holder, kind = heappop(self.of_circle[circle])
            if self.kept[holder] == kind:
                return holder
