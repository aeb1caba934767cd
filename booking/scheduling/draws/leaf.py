"""A request in a draw, as one line of a published file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, Self

from booking.people.prerequisites.standing import Days
from booking.platform.base.exact_json import canonical
from booking.platform.models.states import Door
from booking.scheduling.draws import formats
from booking.scheduling.requests.receipt import NONCE_BYTES, WISH_COLUMNS, Window, WishRow

MOST_UNITS: Final = 32767
MOST_OFFICES: Final = 128
RECEIPT_BYTES: Final = 32
PSEUDONYM_BYTES: Final = 16
MOST_LINE: Final = 1 << 16
MOST_PRIORITY: Final = 32767
WISHED: Final = tuple(name for name in WISH_COLUMNS if name != "nonce")
"""What a line says of a wish besides its nonce."""
OPTIONAL: Final = ("windows", "holds", "together")
ALSO: Final = "also"
"""More services of the same visit: in no draw before format 5."""
_NEEDED: Final = (*WISH_COLUMNS, "receipt", "person", "priority")
_DOORS: Final = tuple(Door)
_WITHIN: Final[Mapping[str, tuple[int, int]]] = {
    "party": (1, 127),
    "units": (1, MOST_UNITS),
    "weekdays": (0, 127),
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
        """Return the bytes that the Merkle tree covers."""
        return canonical(self._beside_the_wish())

    def line(self) -> bytes:
        """Return the published line, without its line end."""
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
        check_line(line)
        data = formats.only_keys(formats.parsed(line), _NEEDED, OPTIONAL, what="the request")
        leaf = cls(
            wish=read_wish(data, formats.hexadecimal(data["nonce"], NONCE_BYTES)),
            receipt=formats.hexadecimal(data["receipt"], RECEIPT_BYTES),
            person=formats.hexadecimal(data["person"], PSEUDONYM_BYTES),
            priority=formats.whole(data["priority"], "priority", 0, MOST_PRIORITY),
            **read_optional(data),
        )
        if leaf.line() != line:
            raise ValueError("it is not written in the canonical way")
        return leaf


def read_wish(data: Mapping[str, Any], nonce: bytes) -> WishRow:
    """Read the columns of a wish; ValueError where one is wrong. The object's keys are checked by the caller."""
    check_wish(data)
    return known_wish(data, nonce)


def known_wish(data: Mapping[str, Any], nonce: bytes) -> WishRow:
    """Return the wish of columns that `check_wish` accepted."""
    return WishRow(
        service=data["service"],
        party=data["party"],
        units=data["units"],
        offices=tuple(data["offices"]),
        first_day=date.fromisoformat(data["first_day"]),
        last_day=data["last_day"] and date.fromisoformat(data["last_day"]),
        weekdays=data["weekdays"],
        bands=tuple(data["bands"]),
        needed_by=data["needed_by"] and date.fromisoformat(data["needed_by"]),
        accessible=data["accessible"],
        door=data["door"],
        nonce=nonce,
        windows=_windows(data),
        also=_also(data),
    )


def read_optional(data: Mapping[str, Any]) -> dict[str, Any]:
    """Read ``holds`` and ``together``, None where a line has them not; ValueError where one is wrong."""
    return {
        "holds": check_days(data["holds"], "holds") if "holds" in data else None,
        "together": formats.hexadecimal(data["together"], PSEUDONYM_BYTES) if "together" in data else None,
    }


def check_line(line: bytes) -> None:
    """Refuse a line that is longer than one can be; ValueError."""
    if len(line) > MOST_LINE:
        raise ValueError(f"it is longer than {MOST_LINE} bytes")


def check_wish(data: Mapping[str, Any]) -> None:
    """Refuse values that are of another kind or size than a request can have; ValueError."""
    for name, check in CHECKED.items():
        check(data[name])
    first_day, last_day, _ = formats.day(data["first_day"]), _day(data["last_day"]), _day(data["needed_by"])
    if last_day is not None and last_day < first_day:
        raise ValueError("last_day is before first_day")


def read_lasting(value: object) -> int:
    """Read how many lost draws last; ValueError."""
    return formats.whole(value, "lasting", 0, MOST_PRIORITY)


def check_offices(offices: object) -> list[str]:
    """Return the offices of a wish; ValueError where it is not a list of them."""
    codes = _codes(offices, "offices")
    if not 1 <= len(codes) <= MOST_OFFICES:
        raise ValueError(f"offices has {len(codes)} entries, expected 1 to {MOST_OFFICES}")
    return codes


def check_days(days: object, name: str) -> Days:
    """Return a first and a last day; ValueError where it is something else."""
    if not isinstance(days, list) or len(days) != 2:  # noqa: PLR2004 - first and last
        raise ValueError(f"{name} is not two days")
    first, last = map(formats.day, days)
    if first > last:
        raise ValueError(f"{name} ends before it begins")
    return Days(first, last)


def _codes(codes: object, name: str) -> list[str]:
    """Return a list of different codes; ValueError where it is something else."""
    if not isinstance(codes, list) or not all(map(formats.code, codes)):
        raise ValueError(f"{name} is not a list")
    if len(set(codes)) < len(codes):
        raise ValueError(f"{name} names one twice")
    return codes


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError("accessible is neither true nor false")
    return value


def _at_door(value: object) -> str:
    if value not in _DOORS:
        raise ValueError(f"door is {formats.shown(value)}")
    return str(value)


CHECKED: Final[Mapping[str, Callable[[object], Any]]] = {
    **{name: partial(formats.whole, name=name, low=low, high=high) for name, (low, high) in _WITHIN.items()},
    "accessible": _flag,
    "door": _at_door,
    "service": formats.code,
    "bands": lambda value: _codes(value, "bands"),
    "offices": check_offices,
}
"""What each value of a wish but its days has to pass; it is returned, or refused with a ValueError."""


def _windows(data: Mapping[str, Any]) -> tuple[Window, ...]:
    if "windows" not in data:
        return ()
    windows = formats.only_keys(data["windows"], (), data["offices"], what="windows")
    if not windows:
        raise ValueError("windows is empty")
    days = {office: check_days(own, "windows") for office, own in windows.items()}
    return tuple((office, own.first, own.last) for office, own in sorted(days.items()))


def _also(data: Mapping[str, Any]) -> tuple[str, ...]:
    if ALSO not in data:
        return ()
    codes = _codes(data[ALSO], ALSO)
    if not codes or data["service"] in codes:
        raise ValueError("also is empty, or names the first service")
    return tuple(codes)


def _day(text: object) -> date | None:
    return None if text is None else formats.day(text)
