"""The other way to swap, for comparison: top trading cycles, in which whoever has what another wants may trade.

It moves more people, and neither loses anybody nor rewards a false wish. But two who agree on it can hand a place to
each other, past everybody who stands ahead in line: a place could be sold. So no draw and no exchange runs by it;
`./run bench exchange` and a notebook show what it would give, and to whom.

Sources: Shapley, Scarf, Journal of Mathematical Economics 1 (1974); Abdulkadiroğlu, Sönmez, Journal of Economic Theory
88 (1999), for free places; Pápai, Econometrica 68 (2000), for who comes after whom as the owner of a place.
"""

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import NOBODY_WAITS, Night


def exchange_in_cycles(night: Night) -> NDArray[np.int32]:
    """Return the kind that each holder has afterwards by top trading cycles, int32 (holders,).

    A place belongs to its holder; a free one to the first in line of those whose own place is in its circle, or of all
    where nobody waits for it. Everybody points at the first place of the best kind that somebody owns; whoever points
    in a cycle takes what they point at, and goes.
    """
    return _Pointing(night).settled()


class _Pointing:
    """Who is still there, and at which place each of the kinds and lines has arrived."""

    def __init__(self, night: Night) -> None:
        self.night, self.holders = night, night.holders
        self.holds, self.circle = night.holds.tolist(), night.circle.tolist()
        line = np.argsort(night.order).tolist()
        self.lines: dict[int, list[int]] = {NOBODY_WAITS: line}
        self.places: list[list[int]] = []
        free_from = self.holders
        for free in night.free.tolist():
            self.places.append(list(range(free_from, free_from + free)))
            free_from += free
        for holder in line:
            self.places[self.holds[holder]].append(holder)
            circle = self.circle[self.holds[holder]]
            if circle != NOBODY_WAITS:
                self.lines.setdefault(circle, []).append(holder)
        self.line_at = dict.fromkeys(self.lines, 0)
        self.place_at = [0] * night.kinds
        self.gone = bytearray(free_from)
        self.done = bytearray(self.holders)
        self.gets = night.holds.copy()
        self.wish_at = night.wish_start[:-1].tolist()
        self.wish_end, self.wishes = night.wish_start[1:].tolist(), night.wishes.tolist()

    def settled(self) -> NDArray[np.int32]:
        """Follow the pointers from the first in line, and let each cycle trade."""
        for first in self.lines[NOBODY_WAITS]:
            path = [] if self.done[first] else [first]
            aims: dict[int, tuple[int, int]] = {}
            while path:
                kind, place, owner = self._points(path[-1])
                aims[path[-1]] = kind, place
                if owner not in aims:
                    path.append(owner)
                    continue
                while True:
                    member = path.pop()
                    self.gets[member], taken = aims.pop(member)
                    self.gone[taken] = self.done[member] = 1
                    if member == owner:
                        break
        return self.gets

    def _points(self, holder: int) -> tuple[int, int, int]:
        """Return at which kind and place of it a holder points, and who owns that."""
        while self.wish_at[holder] < self.wish_end[holder]:
            kind = self.wishes[self.wish_at[holder]]
            place = self._first_place(kind)
            if place is not None:
                owner = place if place < self.holders and not self.done[place] else self._first(self.circle[kind])
                if owner is not None:
                    return kind, place, owner
            self.wish_at[holder] += 1
        return self.holds[holder], holder, holder

    def _first_place(self, kind: int) -> int | None:
        places, at = self.places[kind], self.place_at[kind]
        while at < len(places) and self.gone[places[at]]:
            at += 1
        self.place_at[kind] = at
        return places[at] if at < len(places) else None

    def _first(self, circle: int) -> int | None:
        line, at = self.lines.get(circle, []), self.line_at.get(circle, 0)
        while at < len(line) and self.done[line[at]]:
            at += 1
        self.line_at[circle] = at
        return line[at] if at < len(line) else None
