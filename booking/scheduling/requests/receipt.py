"""A person's proof of what they asked: the SHA-256 of the wish, written in one way only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final, TypeAlias

from booking.platform.base.errors import MawidError
from booking.platform.base.exact_json import canonical

NONCE_BYTES: Final = 16


Window: TypeAlias = tuple[str, date, date]
"""An office that suits on some days only, such as a branch on a visit home, and its first and last day."""


@dataclass(frozen=True, slots=True)
class WishRow:
    """A wish as it is published: no names, no numbers of people.

    ``offices`` are codes, first choice first; ``weekdays`` is a bit mask (bit 0 Monday) and ``bands`` the accepted
    bands of the day, both as stored; ``units`` are those of the whole party. The random ``nonce`` (known to the
    person until publication) keeps a receipt from being guessed back to the wish. ``windows``: days of single offices.
    ``also``: the codes of more services of the same visit, whose time is in ``units``.
    """

    service: str
    party: int
    units: int
    offices: tuple[str, ...]
    first_day: date
    last_day: date | None
    weekdays: int
    bands: tuple[str, ...]
    needed_by: date | None
    accessible: bool
    door: str
    nonce: bytes
    windows: tuple[Window, ...] = ()
    also: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Return the wish as JSON values, in no particular order; ``windows`` and ``also`` only where there are any."""
        windows = {code: [first.isoformat(), last.isoformat()] for code, first, last in self.windows}
        some = {"windows": windows, "also": list(self.also)}
        return {name: value for name, value in some.items() if value} | {
            "service": self.service,
            "party": self.party,
            "units": self.units,
            "offices": list(self.offices),
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "weekdays": self.weekdays,
            "bands": sorted(self.bands),
            "needed_by": self.needed_by.isoformat() if self.needed_by else None,
            "accessible": self.accessible,
            "door": self.door,
            "nonce": self.nonce.hex(),
        }


def read_row(columns: Mapping[str, Any]) -> WishRow:
    """Return the wish whose `WishRow.columns` were kept in the database."""
    days = {name: date.fromisoformat(columns[name]) if columns[name] else None for name in ("last_day", "needed_by")}
    windows = columns.get("windows", {})
    return WishRow(
        **{name: columns[name] for name in ("service", "party", "units", "weekdays", "accessible", "door")},
        offices=tuple(columns["offices"]),
        bands=tuple(columns["bands"]),
        first_day=date.fromisoformat(columns["first_day"]),
        last_day=days["last_day"],
        needed_by=days["needed_by"],
        nonce=bytes.fromhex(columns["nonce"]),
        windows=tuple(
            (code, date.fromisoformat(first), date.fromisoformat(last))
            for code, (first, last) in sorted(windows.items())
        ),
        also=tuple(columns.get("also", ())),
    )


WISH_COLUMNS: Final = (
    "service",
    "party",
    "units",
    "offices",
    "first_day",
    "last_day",
    "weekdays",
    "bands",
    "needed_by",
    "accessible",
    "door",
    "nonce",
)
"""The columns that a receipt covers."""


def own_windows(offices: Sequence[str], days: Sequence[tuple[date | None, date | None]]) -> tuple[Window, ...]:
    """Return the offices that have days of their own, in the order of their codes."""
    pairs = zip(offices, days, strict=True)
    return tuple(sorted((code, first, last) for code, (first, last) in pairs if first is not None and last is not None))


def receipt_of(row: WishRow) -> bytes:
    """Return the receipt of a wish: SHA-256 of its canonical row, 32 bytes."""
    return sha256(canonical(row.columns())).digest()


def is_within(new: WishRow, old: WishRow) -> bool:
    """Return whether every place that fits the ``new`` wish would have fitted the ``old`` one.

    Fewer offices, days and times are within more of them. Another need of access is not, since it opens other places;
    nor are other services, or a smaller party, which fits where the larger one did not. Papers, and who comes together,
    are no part of it.
    """
    services = {new.service, *new.also} == {old.service, *old.also}
    same = services and (new.door, new.accessible) == (old.door, old.accessible)
    return (
        same
        and new.units >= old.units
        and set(new.offices) <= set(old.offices)
        and set(new.bands) <= set(old.bands)
        and not new.weekdays & ~old.weekdays
        and new.first_day >= old.first_day
        and _last(new) <= _last(old)
        and _own_days_within(new, old)
    )


def _last(wish: WishRow) -> date:
    return min(wish.last_day or date.max, wish.needed_by or date.max)


def _own_days_within(new: WishRow, old: WishRow) -> bool:
    """Return whether each office that had days of its own, as on a visit home, has no others now."""
    now = {code: (first, last) for code, first, last in new.windows}
    for code, first, last in old.windows:
        begins, ends = now.get(code, (date.min, date.max))
        if code in new.offices and not first <= begins <= ends <= last:
            return False
    return True


class EditedMeanwhileError(MawidError):
    """The request is not any more as it was when the change was begun: another window or device changed it."""

    code = "edited_meanwhile"


class DrawLostMeanwhileError(MawidError):
    """Another draw was lost since the change was begun: how many of them count for it is not as it was told."""

    code = "draw_lost_meanwhile"
