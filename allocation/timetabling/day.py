"""One office on one day: which counters are open when, and who comes."""

from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation import columns

MAX_PARTY = 6
MAX_UNITS = 288
"""A day of five-minute units."""


class Feature(IntFlag):
    """What a counter offers and a person needs; a person may be served where everything needed is offered."""

    ACCESSIBLE = 1
    ENROLMENT = 2


ALL_FEATURES = int(Feature.ACCESSIBLE | Feature.ENROLMENT)


def _none() -> NDArray[Any]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class OfficeDay:
    """c counters over u units of time, p parties of n people. All columns are copied, checked and made read-only.

    Parameters
    ----------
    open
        bool (c, u). True where the counter works in that unit: breaks and early closing are False.
    counter_offers
        int16 (c,), optional. ``Feature`` flags of each counter. Default: none.
    person_party
        int32 (n,). The party of each person, 0 … p-1; each party has 1 to 6 people.
    person_units
        int16 (n,). How many units each person is served, without a pause and at one counter; at least 1.
    person_needs
        int16 (n,), optional. ``Feature`` flags that the person's counter must offer. Default: none.
    party_from, party_until
        int16 (p,), optional. The whole visit lies in units from ≤ t < until, or the party is not placed.
        Default: the whole day.
    wish_from, wish_until
        int16 (p,), optional. Where the party would like the whole visit to lie. Default: no wish.
    begins, unit_minutes
        Minute of the day at which unit 0 begins, and length of a unit; used in words only.

    Raises
    ------
    ValueError
        The first bad column and row, in words.
    """

    open: NDArray[np.bool_]
    person_party: NDArray[np.int32]
    person_units: NDArray[np.int16]
    counter_offers: NDArray[np.int16] = field(default_factory=_none)
    person_needs: NDArray[np.int16] = field(default_factory=_none)
    party_from: NDArray[np.int16] = field(default_factory=_none)
    party_until: NDArray[np.int16] = field(default_factory=_none)
    wish_from: NDArray[np.int16] = field(default_factory=_none)
    wish_until: NDArray[np.int16] = field(default_factory=_none)
    begins: int = 480
    unit_minutes: int = 15

    def __post_init__(self) -> None:
        self._put("open", opening("open", self.open))
        c, u = self.open.shape
        self._column("person_party", np.int32, 0, np.iinfo(np.int32).max - 1)
        n = self.people
        self._column("person_units", np.int16, 1, max(u, 1), length=n)
        self._column("person_needs", np.int16, 0, ALL_FEATURES, length=n, default=0)
        self._column("counter_offers", np.int16, 0, ALL_FEATURES, length=c, default=0)
        self._check_parties()
        for first, last in (("party_from", "party_until"), ("wish_from", "wish_until")):
            self._column(first, np.int16, 0, u, length=self.parties, default=0)
            self._column(last, np.int16, 0, u, length=self.parties, default=u)
            backwards = np.flatnonzero(getattr(self, last) <= getattr(self, first))
            if backwards.size:
                row = int(backwards[0])
                raise ValueError(f"{last}: row {row} is {getattr(self, last)[row]}, not after {first}")

    @property
    def counters(self) -> int:
        """Number of counters, c."""
        return int(self.open.shape[0])

    @property
    def units(self) -> int:
        """Number of units of time, u."""
        return int(self.open.shape[1])

    @property
    def people(self) -> int:
        """Number of people, n."""
        return int(self.person_party.size)

    @cached_property
    def parties(self) -> int:
        """Number of parties, p."""
        return int(self.person_party.max(initial=-1)) + 1

    @cached_property
    def members(self) -> list[list[int]]:
        """The people of each party, by row."""
        found: list[list[int]] = [[] for _ in range(self.parties)]
        for person, party in enumerate(self.person_party.tolist()):
            found[party].append(person)
        return found

    @cached_property
    def kinds(self) -> list[tuple[int, int]]:
        """Units and needs of each person."""
        return list(zip(self.person_units.tolist(), self.person_needs.tolist(), strict=True))

    def clock(self, unit: int) -> str:
        """Return the time of day at which a unit begins, such as 9:15."""
        hour, minute = divmod(self.begins + unit * self.unit_minutes, 60)
        return f"{hour}:{minute:02}"

    def _check_parties(self) -> None:
        if self.parties > self.people:
            missing = np.setdiff1d(np.arange(self.people + 1), self.person_party)
            raise ValueError(f"person_party: nobody is in party {int(missing[0])}")
        sizes = np.bincount(self.person_party, minlength=self.parties)
        empty, large = np.flatnonzero(sizes == 0), np.flatnonzero(sizes > MAX_PARTY)
        if empty.size:
            raise ValueError(f"person_party: nobody is in party {int(empty[0])}")
        if large.size:
            party = int(large[0])
            raise ValueError(
                f"person_party: {int(sizes[party])} people are in party {party}, expected 1 to {MAX_PARTY}"
            )

    def _column(
        self, name: str, dtype: Any, low: int, high: int, *, length: int | None = None, default: int | None = None
    ) -> None:
        values = getattr(self, name)
        if default is None or length is None:
            column = columns.integers(name, values, dtype, length=length)
        else:
            column = columns.optional(name, values, dtype, length=length, default=np.full(length, default))
        columns.within(name, column, low, high)
        self._put(name, column)

    def _put(self, name: str, column: NDArray[Any]) -> None:
        column.flags.writeable = False
        object.__setattr__(self, name, column)


def opening(name: str, values: object) -> NDArray[np.bool_]:
    """Copy a table of open units, bool (c, u); ValueError where it is not one of zeros and ones."""
    given = np.asarray(values)
    if given.ndim != 2:  # noqa: PLR2004 - counters x units
        raise ValueError(f"{name}: expected counters x units, found {given.ndim} dimensions")
    if given.shape[1] > MAX_UNITS:
        raise ValueError(f"{name}: {given.shape[1]} units, expected at most {MAX_UNITS}")
    if given.size and given.dtype.kind not in "iub":
        raise ValueError(f"{name}: expected booleans, found {given.dtype}")
    bad = np.argwhere((given != 0) & (given != 1))
    if bad.size:
        row, unit = bad[0].tolist()
        raise ValueError(f"{name}: row {row} unit {unit} is {given[row, unit]}, expected 0 or 1")
    return given.astype(np.bool_, copy=True)
