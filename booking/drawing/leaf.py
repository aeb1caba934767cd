"""A request in a draw, as one line of a published file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from booking.drawing.receipt import WISH_COLUMNS, WishRow, canonical, read_windows
from booking.prerequisites.holding import Days

MOST_UNITS: Final = 32767
_WITHIN: Final[Mapping[str, tuple[int, int]]] = {
    "party": (1, 127),
    "units": (1, MOST_UNITS),
    "weekdays": (0, 127),
    "priority": (0, 32767),
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A request in a draw: the wish, its receipt, the person's pseudonym in this draw, the draws lost before.

    ``holds``: the days on which all papers hold that must be there, where that is not every day of the wish.
    ``together``: the pseudonym of a household in this draw, which its requests that wish to come together share.
    """

    wish: WishRow
    receipt: bytes
    person: bytes
    priority: int
    holds: Days | None = None
    together: bytes | None = None

    def record(self) -> bytes:
        """Give the bytes that the Merkle tree covers."""
        return canonical(self._beside_the_wish())

    def line(self) -> bytes:
        """Give the published line, without its line end."""
        return canonical(self.wish.columns() | self._beside_the_wish())

    def _beside_the_wish(self) -> dict[str, Any]:
        own: dict[str, Any] = {
            "receipt": self.receipt.hex(),
            "person": self.person.hex(),
            "priority": self.priority,
        }
        if self.holds is not None:
            own["holds"] = [self.holds.first.isoformat(), self.holds.last.isoformat()]
        if self.together is not None:
            own["together"] = self.together.hex()
        return own

    @property
    def first_day(self) -> date:
        """The first day on which the request can be served."""
        return self.wish.first_day if self.holds is None else max(self.wish.first_day, self.holds.first)

    @property
    def last_day(self) -> date | None:
        """The last day on which it can be served, besides the needed-by date."""
        if self.holds is None:
            return self.wish.last_day
        return min(self.wish.last_day or date.max, self.holds.last)

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Read what ``line`` wrote; ValueError where a column is wrong, missing, or too much."""
        data = json.loads(line)
        if not isinstance(data, dict):
            raise ValueError("expected an object")  # noqa: TRY004 - bad content, not a bad argument type
        try:
            leaf = cls(
                wish=WishRow(
                    **{name: data[name] for name in WISH_COLUMNS}
                    | {
                        "offices": tuple(data["offices"]),
                        "bands": tuple(data["bands"]),
                        "first_day": date.fromisoformat(data["first_day"]),
                        "last_day": _day(data["last_day"]),
                        "needed_by": _day(data["needed_by"]),
                        "nonce": bytes.fromhex(data["nonce"]),
                        "windows": read_windows(data.get("windows", {})),
                    }
                ),
                receipt=bytes.fromhex(data["receipt"]),
                person=bytes.fromhex(data["person"]),
                priority=data["priority"],
                holds=_stretch(data.get("holds")),
                together=None if "together" not in data else bytes.fromhex(data["together"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"missing or wrong column: {error}") from error
        _check_columns(data)
        if leaf.line() != line:
            raise ValueError("it is not written in the canonical way")
        return leaf


def _check_columns(data: Mapping[str, Any]) -> None:
    """Refuse values that are of another kind or size than a request can have; ValueError."""
    for name, (low, high) in _WITHIN.items():
        if type(data[name]) is not int or not low <= data[name] <= high:
            raise ValueError(f"{name} is {data[name]!r}, expected {low} to {high}")
    if type(data["accessible"]) is not bool:
        raise ValueError("accessible is neither true nor false")
    texts = [data["service"], data["door"], *data["offices"], *data["bands"]]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a code is not a text")


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _stretch(days: list[str] | None) -> Days | None:
    if days is None:
        return None
    first, last = (date.fromisoformat(day) for day in days)
    if first > last:
        raise ValueError("holds ends before it begins")
    return Days(first, last)
