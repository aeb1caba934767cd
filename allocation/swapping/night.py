"""One night of holders who would rather have another place: what there is, and what they wish."""

from dataclasses import dataclass

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
