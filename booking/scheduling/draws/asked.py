"""The requests of a draw as columns, in leaf order: what a million of them need to be drawn and counted."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from booking.scheduling.draws.leaf import PSEUDONYM_BYTES, RECEIPT_BYTES, Leaf
from booking.scheduling.requests.receipt import Window

NO_DAY: Final = 0
"""Stands for a day that is not given, among days that are counted as `date.toordinal` counts them."""
APART: Final = -1
"""Stands for no household, where a request does not wish to come with others."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
COLUMNS: Final = (
    *("party", "units", "weekdays", "accessible", "first_day", "last_day", "needed_by"),
    *("service", "door", "bands", "offices", "together"),
)
_Label = TypeVar("_Label")


class Numbers(dict[_Label, int]):
    """Each label with its number, in the order in which they were met first."""

    def __missing__(self, label: _Label) -> int:
        number = self[label] = len(self)
        return number


@dataclass(frozen=True, eq=False)
class Coded(Generic[_Label]):
    """A column of few different values: ``codes``: int32 (n,), rows of ``labels``."""

    codes: NDArray[np.int32]
    labels: Sequence[_Label]

    def of(self, values: Iterable[object]) -> NDArray[Any]:
        """Return one value of each label at each row, objects (n,)."""
        column = np.empty(len(self.labels), object)
        column[:] = list(values)
        return column[self.codes]


@dataclass(frozen=True, eq=False)
class InLine:
    """What decides where requests stand: ``priority``: int16 (n,), draws lost before; ``person`` and ``receipt``.

    These are the pseudonyms, uint8 (n, 16), and the receipts of this draw, uint8 (n, 32).
    """

    priority: NDArray[np.int16]
    person: NDArray[np.uint8]
    receipt: NDArray[np.uint8]

    @property
    def draw_ids(self) -> NDArray[np.uint8]:
        """What tells requests apart in the line whose lottery numbers are the same, uint8 (n, 48)."""
        return np.hstack([self.person, self.receipt])

    @classmethod
    def of(cls, priorities: Sequence[int], persons: Sequence[bytes], receipts: Sequence[bytes]) -> Self:
        """Put them into columns."""
        return cls(np.array(priorities, np.int16), _bytes(persons, PSEUDONYM_BYTES), _bytes(receipts, RECEIPT_BYTES))


@dataclass(frozen=True, eq=False)
class Asked:
    """The wishes of n requests, in leaf order, and where these stand.

    ``party``, ``units``, ``weekdays`` (bits): int32 (n,); ``accessible``: bool (n,). ``first_day``, ``last_day`` (while
    papers hold) and ``needed_by``: datetime64[D] (n,), NaT where open. ``offices``: the ranked codes; ``bands``: as
    they are stored. ``together``: int32 (n,), the number of the household, `APART` for none. ``windows``: by row,
    where offices suit on some days only.
    """

    line: InLine
    party: NDArray[np.int32]
    units: NDArray[np.int32]
    weekdays: NDArray[np.int32]
    accessible: NDArray[np.bool_]
    first_day: NDArray[np.datetime64]
    last_day: NDArray[np.datetime64]
    needed_by: NDArray[np.datetime64]
    service: Coded[str]
    door: Coded[str]
    bands: Coded[tuple[str, ...]]
    offices: Coded[tuple[str, ...]]
    together: NDArray[np.int32]
    windows: Mapping[int, Sequence[Window]]

    @property
    def requests(self) -> int:
        """How many there are, n."""
        return int(self.party.size)

    @staticmethod
    def of(leaves: Sequence[Leaf]) -> "Asked":
        """Put requests into columns."""
        rows = AskedRows()
        for leaf in leaves:
            rows.add(leaf)
        return rows.columns(
            InLine.of(
                [leaf.priority for leaf in leaves],
                [leaf.person for leaf in leaves],
                [leaf.receipt for leaf in leaves],
            )
        )


class AskedRows:
    """Takes one request after the other, and puts them into columns."""

    def __init__(self) -> None:
        self.services, self.doors = Numbers[str](), Numbers[str]()
        self.bands, self.offices = Numbers[tuple[str, ...]](), Numbers[tuple[str, ...]]()
        self.households = Numbers[bytes]()
        self._values, self._windows = array("i"), dict[int, Sequence[Window]]()

    def add(self, leaf: Leaf) -> None:
        """Take a request; its pseudonym, receipt and priority come with the line."""
        if leaf.wish.windows:
            self._windows[len(self._values) // len(COLUMNS)] = leaf.wish.windows
        self._values.extend(self.values(leaf))

    def values(self, leaf: Leaf) -> tuple[int, ...]:
        """Return the values of a request, as the columns stand in `Asked`, with the numbers of labels and days."""
        wish = leaf.wish
        return (
            wish.party,
            wish.units,
            wish.weekdays,
            wish.accessible,
            leaf.first_day.toordinal(),
            leaf.last_day.toordinal() if leaf.last_day else NO_DAY,
            wish.needed_by.toordinal() if wish.needed_by else NO_DAY,
            self.services[wish.service],
            self.doors[wish.door],
            self.bands[wish.bands],
            self.offices[wish.offices],
            APART if leaf.together is None else self.households[leaf.together],
        )

    def columns(self, line: InLine) -> Asked:
        """Return all that were taken, beside where they stand."""
        return self.tabled(np.frombuffer(self._values, np.int32).reshape(-1, len(COLUMNS)), line, self._windows)

    def tabled(self, table: NDArray[np.int32], line: InLine, windows: Mapping[int, Sequence[Window]]) -> Asked:
        """Return requests whose values are the rows of a table, (n, 12), beside where they stand."""
        column: dict[str, Any] = {name: table[:, number].copy() for number, name in enumerate(COLUMNS)}
        column["accessible"] = column["accessible"].astype(np.bool_)
        for name in ("first_day", "last_day", "needed_by"):
            column[name] = _days(column[name])
        labels: dict[str, Numbers[Any]] = {
            "service": self.services,
            "door": self.doors,
            "bands": self.bands,
            "offices": self.offices,
        }
        for name, numbers in labels.items():
            column[name] = Coded(column[name], list(numbers))
        return Asked(line=line, windows=windows, **column)


def _days(ordinals: NDArray[np.int32]) -> NDArray[np.datetime64]:
    days = (ordinals.astype(np.int64) - _EPOCH).astype("datetime64[D]")
    days[ordinals == NO_DAY] = np.datetime64("NaT", "D")
    return days


def _bytes(values: Sequence[bytes], size: int) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), -1 if values else size)
