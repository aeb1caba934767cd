"""One night of holders who would rather have another place: what there is, and what they wish."""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

NOBODY_WAITS = -1
"""The circle of kinds whose free places no draw can give any more."""


@dataclass(frozen=True, eq=False)
class Night:
    """Holders of places of several kinds (an office, a day and a part of it), and the free places of these kinds.

    All of one size: who has two units can take the place of nobody who has one. Everybody holds exactly one place,
    and gets exactly one.

    Attributes
    ----------
    holds
        int32 (holders,), the kind of the place that each has.
    order
        int32 (holders,), each one's position in line, 0 first: a permutation.
    wish_start, wishes
        int64 (holders + 1,) and int32: the kinds that holder i likes better than the own one are
        ``wishes[wish_start[i]:wish_start[i + 1]]``, the best first, each once and never the own.
    free
        int32 (kinds,), free places of each kind.
    circle
        int32 (kinds,), the circle to which a kind belongs, or `NOBODY_WAITS`. Free places of a circle are those for
        which people wait in a draw: afterwards there are no fewer of them.
    """

    holds: NDArray[np.int32]
    order: NDArray[np.int32]
    wish_start: NDArray[np.int64]
    wishes: NDArray[np.int32]
    free: NDArray[np.int32]
    circle: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Refuse what is no such night; raises ValueError."""
        holders, kinds = len(self.holds), len(self.free)
        if len(self.order) != holders or not np.array_equal(np.sort(self.order), np.arange(holders)):
            raise ValueError("order: not a permutation of the holders")
        if len(self.circle) != kinds or (self.free < 0).any() or (self.circle < NOBODY_WAITS).any():
            raise ValueError("free, circle: not a number for each kind")
        starts = self.wish_start
        if (
            len(starts) != holders + 1
            or starts[0] != 0
            or starts[-1] != len(self.wishes)
            or (np.diff(starts) < 0).any()
        ):
            raise ValueError("wish_start: not the beginnings of the holders' wishes")
        for name, column in (("holds", self.holds), ("wishes", self.wishes)):
            if len(column) and not 0 <= int(column.min()) <= int(column.max()) < kinds:
                raise ValueError(f"{name}: names a kind that is not there")
        owner = np.repeat(np.arange(holders), np.diff(starts))
        if (self.wishes == self.holds[owner]).any():
            raise ValueError("wishes: somebody wishes for the kind that they have")
        if len(np.unique(owner * max(kinds, 1) + self.wishes)) != len(self.wishes):
            raise ValueError("wishes: somebody names a kind twice")

    @property
    def holders(self) -> int:
        """How many take part."""
        return len(self.holds)

    @property
    def kinds(self) -> int:
        """How many kinds of places there are."""
        return len(self.free)

    def wishes_of(self, holder: int) -> list[int]:
        """Return the kinds that a holder likes better than the own one, the best first."""
        return [int(kind) for kind in self.wishes[self.wish_start[holder] : self.wish_start[holder + 1]]]

    @classmethod
    def of(
        cls,
        holds: list[int],
        order: list[int],
        wishes: list[list[int]],
        free: list[int],
        circle: list[int] | None = None,
    ) -> "Night":
        """Make a night from lists, with the wishes of each holder; without circles nobody waits for anything.

        Raises
        ------
        ValueError
            It is none.
        """
        if len(wishes) != len(holds):
            raise ValueError("wishes: not a list for each holder")
        return cls(
            holds=np.array(holds, np.int32),
            order=np.array(order, np.int32),
            wish_start=np.cumsum([0, *(len(one) for one in wishes)], dtype=np.int64),
            wishes=np.array([kind for one in wishes for kind in one], np.int32),
            free=np.array(free, np.int32),
            circle=np.full(len(free), NOBODY_WAITS, np.int32) if circle is None else np.array(circle, np.int32),
        )


def ranks(night: Night, gets: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return which wish each holder was given, 0 for the first, and -1 for who keeps what they have; int32 (holders,).

    Raises
    ------
    ValueError
        Somebody was given a kind that they neither have nor wish for.
    """
    rank = np.full(night.holders, -1, np.int32)
    owner = np.repeat(np.arange(night.holders), np.diff(night.wish_start))
    step = np.arange(len(night.wishes)) - night.wish_start[owner]
    given = night.wishes == gets[owner]
    rank[owner[given]] = step[given]
    if ((rank < 0) & (gets != night.holds)).any():
        raise ValueError("gets: somebody was given what they neither have nor wish for")
    return rank


def exchange_in_rounds(night: Night) -> list[int]:
    """Return the kind that each holder has afterwards, as the rule says it, with everybody looked at in each round."""
    step, last = night.wish_start[:-1].copy(), night.wish_start[1:]
    wishes = np.append(night.wishes, 0)  # where nobody has more wishes, a number that is not used
    while True:
        applied = np.where(step < last, wishes[step], night.holds)
        turned_away = _turned_away(night, applied)
        if not turned_away.any():
            return [int(kind) for kind in applied]
        step[turned_away] += 1


def _turned_away(night: Night, applied: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return who is not kept where they apply, bool (holders,): first each kind looks at its own, then each circle."""
    held = np.bincount(night.holds, minlength=night.kinds)
    circle, home = night.circle[applied], night.circle[night.holds]
    elsewhere = (circle != NOBODY_WAITS) & (circle != home)
    stands = np.lexsort((night.order, elsewhere, applied != night.holds))
    away = np.zeros(night.holders, np.bool_)
    away[_behind(stands, applied, night.free + held)] = True
    kept = stands[~away[stands] & (circle[stands] != NOBODY_WAITS)]
    seats = np.bincount(home[home != NOBODY_WAITS], minlength=int(night.circle.max(initial=0)) + 1)
    away[_behind(kept, circle, seats)] = True
    return away


def _behind(line: NDArray[np.intp], group: NDArray[np.int32], room: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return those of a line who stand behind the last for whom their group has room."""
    rows = line[np.argsort(group[line], kind="stable")]
    groups = group[rows]
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    place = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    return rows[place >= room[groups]]


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
