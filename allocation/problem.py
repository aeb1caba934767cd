"""The allocation problem: who asks for what, in which line, and how many places there are."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from allocation import columns

MAX_PARTY = 127
NEUTRAL = 1000
"""Compensation that changes nothing, per mille."""

_AT_ONCE = 1 << 20
"""Pairs that are looked at together: of a nation's, whole columns of numbers are gigabytes."""
_PAIRS = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")


@dataclass(frozen=True, eq=False)
class Problem:
    """n requests, m bins (an office on a day, or a band of that day), p acceptable pairs of the two.

    Every column is a one-dimensional integer array (``pair_late`` may be boolean), checked and made read-only: a copy,
    or the array itself where it is of the column's type, read-only and no view of another. An optional column that is
    empty means its default. The pairs may be given in any order and are kept sorted by request, then bin.

    Parameters
    ----------
    pair_request, pair_bin
        int32 (p,). Request and bin of each acceptable pair; a pair appears once.
    pair_rank
        int8 (p,). 0 = the first choice; not negative.
    party
        int8 (n,). People who come together, at least 1.
    order
        int32 (n,). Position in line, 0 = first; a permutation of 0 … n-1.
    places
        int32 (m,). Room of each bin, in units (15 minutes of one counter).
    units
        int16 (n,), optional. Units a request takes in its bin, all or none; default: ``party``.
    tier
        int16 (n,), optional. Priority tier, higher goes first; along the line it never rises. Default: all 0.
        For single units it changes nothing (the line already says it); for parties it makes any one request
        weigh more than any one request of a lower tier.
    compensation
        int16 (n,), optional. Per mille, at least 1000: a unit of this request weighs so much more, which evens out
        the chances of those who are harder to place, such as large parties (see ``compensate``). Default: all 1000.
    pair_late
        bool (p,), optional. True where the bin is after the request's needed-by date. Default: all False.
    pair_cost
        int16 (p,), optional. Preference inside one rank, lower is better, such as the day. Default: all 0.

    Raises
    ------
    ValueError
        The first bad column and row, in words.
    """

    pair_request: NDArray[np.int32]
    pair_bin: NDArray[np.int32]
    pair_rank: NDArray[np.int8]
    party: NDArray[np.int8]
    order: NDArray[np.int32]
    places: NDArray[np.int32]
    units: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))
    tier: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))
    compensation: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))
    pair_late: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    pair_cost: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))

    def __post_init__(self) -> None:
        self._put("party", columns.integers("party", self.party, np.int8))
        n = self.party.size
        self._put("places", columns.integers("places", self.places, np.int32))
        m = self.places.size
        self._put("order", columns.integers("order", self.order, np.int32, length=n))
        self._put("pair_request", columns.integers("pair_request", self.pair_request, np.int32))
        p = self.pair_request.size
        self._put("pair_bin", columns.integers("pair_bin", self.pair_bin, np.int32, length=p))
        self._put("pair_rank", columns.integers("pair_rank", self.pair_rank, np.int8, length=p))
        self._put("units", columns.optional("units", self.units, np.int16, length=n, default=self.party))
        self._put("tier", columns.optional("tier", self.tier, np.int16, length=n, default=np.zeros(n)))
        neutral = np.full(n, NEUTRAL)
        self._put(
            "compensation", columns.optional("compensation", self.compensation, np.int16, length=n, default=neutral)
        )
        self._put("pair_cost", columns.optional("pair_cost", self.pair_cost, np.int16, length=p, default=np.zeros(p)))
        if not (self.pair_late.shape == (p,) and columns.shared(self.pair_late, np.bool_)):
            late = columns.optional("pair_late", self.pair_late, np.int8, length=p, default=np.zeros(p))
            columns.within("pair_late", late, 0, 1)
            self._put("pair_late", late.astype(np.bool_))

        columns.within("party", self.party, 1, MAX_PARTY)
        columns.within("places", self.places, 0, np.iinfo(np.int32).max)
        columns.within("units", self.units, 1, np.iinfo(np.int16).max)
        columns.within("compensation", self.compensation, NEUTRAL, np.iinfo(np.int16).max)
        columns.within("pair_request", self.pair_request, 0, n - 1)
        columns.within("pair_bin", self.pair_bin, 0, m - 1)
        columns.within("pair_rank", self.pair_rank, 0, np.iinfo(np.int8).max)
        columns.permutation("order", self.order)
        columns.never_rises("tier", self.tier, self.order)
        self._sort_pairs()

    @property
    def requests(self) -> int:
        """Number of requests, n."""
        return int(self.party.size)

    @property
    def bins(self) -> int:
        """Number of bins, m."""
        return int(self.places.size)

    @property
    def pairs(self) -> int:
        """Number of acceptable pairs, p."""
        return int(self.pair_request.size)

    @cached_property
    def first_pair(self) -> NDArray[np.int64]:
        """Where each request's pairs begin, int64 (n + 1,)."""
        counts = np.zeros(self.requests, np.int64)
        for begin in range(0, self.pairs, _AT_ONCE):
            some = self.pair_request[begin : begin + _AT_ONCE]
            counts[some[0] : some[-1] + 1] += np.bincount(some - some[0])
        return columns.starts(counts)

    def used(self, bin_of_request: NDArray[np.int32]) -> NDArray[np.int64]:
        """Units taken in each bin, int64 (m,); int32 (n,) says which bin each request is in, -1 for none."""
        served = bin_of_request >= 0
        # the floats are exact: no sum comes near 2^53
        return np.bincount(bin_of_request[served], self.units[served], self.bins).astype(np.int64)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the canonical bytes: the same for any row order of the pairs, on any machine."""
        return columns.digest(b"mawid-problem-2\n", self._canonical())

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dict with compressed base64 columns, for publication."""
        return {"format": "mawid-problem-2", "sha256": self.digest.hex(), "columns": columns.packed(self._canonical())}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_dict`` wrote.

        Raises
        ------
        ValueError
            Unknown format, a damaged column, or a content that does not match its SHA-256.
        """
        if data.get("format") != "mawid-problem-2":
            raise ValueError(f"format: expected mawid-problem-2, found {data.get('format')!r}")
        read = columns.unpacked(data.get("columns"))
        try:
            problem = cls(**read)
        except TypeError as error:
            raise ValueError(f"columns: {error}") from error
        if problem.digest.hex() != data.get("sha256"):
            raise ValueError("sha256: the columns are not the ones that were published")
        return problem

    def _canonical(self) -> dict[str, NDArray[Any]]:
        return {
            "party": self.party,
            "units": self.units,
            "tier": self.tier,
            "compensation": self.compensation,
            "order": self.order,
            "places": self.places,
            "pair_request": self.pair_request,
            "pair_bin": self.pair_bin,
            "pair_rank": self.pair_rank,
            "pair_late": self.pair_late.astype(np.int8),
            "pair_cost": self.pair_cost,
        }

    def _sort_pairs(self) -> None:
        if self._rises():
            return
        key = self.pair_request.astype(np.int64) * self.bins + self.pair_bin
        rows = np.argsort(key, kind="stable")
        columns.no_repeats("pair_request, pair_bin", key, rows, self.bins)
        for name in _PAIRS:
            self._put(name, getattr(self, name)[rows])

    def _rises(self) -> bool:
        """Return whether the pairs are sorted by request, then bin, and each is there once."""
        for begin in range(0, self.pairs, _AT_ONCE):
            request, place = (each[begin : begin + _AT_ONCE + 1] for each in (self.pair_request, self.pair_bin))
            rises = (request[1:] > request[:-1]) | ((request[1:] == request[:-1]) & (place[1:] > place[:-1]))
            if not rises.all():
                return False
        return True

    def _put(self, name: str, column: NDArray[Any]) -> None:
        column.flags.writeable = False
        object.__setattr__(self, name, column)
