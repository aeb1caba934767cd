"""That places and people behind the numbers of a night are those that its file was closed with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.arrays import any_of
from booking.platform.models import Office, Slot, SwapEntry, SwapNight
from booking.scheduling.draws.freeze import pseudonym
from booking.scheduling.swaps.deciding import salt_of, salted_name
from booking.scheduling.swaps.freeze import PSEUDONYM

Seat = Sequence[Sequence[int]]
Key = tuple[int, int]
"""A size of places, and a number of that size: of a holder, or of a kind."""
_LARGEST: Final = (1 << 63) - 1
_UNREADABLE: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Broken:
    """Kinds behind which other places stand than the file was closed with, and holders who are others, or not there."""

    kinds: frozenset[Key] = frozenset()
    holders: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.holders)


def find_broken(
    session: Session, core: Core, night: SwapNight, inputs: Mapping[str, Any], entries: Sequence[SwapEntry]
) -> Broken:
    """Return behind which numbers of a night's file something else stands by now, whoever changed it.

    The log has the file's hash alone. Kinds and their free places are bound to it by their salted names, appointments
    by their pseudonyms, under whichever lasting key. A kind is broken too where a place of its holders is: who takes
    which place of it follows from all of them.
    """
    told = {(one.units, one.number): one for one in entries}
    everybody = {(one["units"], number) for one in inputs["markets"] for number in range(len(one["holders"]))}
    try:
        look = _Look(session, core, night, told)
        found = [look.at(*pair) for pair in zip(inputs["markets"], night.places["markets"], strict=True)]
    except _UNREADABLE:
        every = {(one["units"], number) for one in inputs["markets"] for number in range(len(one["kinds"]))}
        return Broken(frozenset(every), frozenset(everybody))
    return Broken(
        frozenset[Key]().union(*(one.kinds for one in found)),
        frozenset(told.keys() - everybody).union(*(one.holders for one in found)),
    )


class _Look:
    """Looks at what stands behind the numbers of one night."""

    def __init__(self, session: Session, core: Core, night: SwapNight, told: Mapping[Key, SwapEntry]) -> None:
        self._names, self._told = _Names(session, _seats(night, told.values())), told
        self._night_id, self._keys = night.id, core.vault.keys(PSEUDONYM)

    def at(self, market: Mapping[str, Any], private: Mapping[str, Any]) -> Broken:
        units, said, fit = market["units"], private["kinds"], self._names.fit
        kinds, holders = set[Key](), set[Key]()
        bound = any("wish" in one for one in market["holders"])  # else of a version that bound no free places
        for number, (kind, one) in enumerate(zip(market["kinds"], said, strict=True)):
            if not _is_named(kind, one, bound=bound) or not all(fit(seat, one["name"], units) for seat in one["free"]):
                kinds.add((units, number))
        for number, holder in enumerate(market["holders"]):
            entry = self._told.get((units, number))
            if entry is None or not fit(entry.places, said[holder["holds"]]["name"], units):
                kinds.add((units, holder["holds"]))
            if entry is None or not self._is_theirs(entry, holder["id"]):
                holders.add((units, number))
        return Broken(frozenset(kinds), frozenset(holders))

    def _is_theirs(self, entry: SwapEntry, told: str) -> bool:
        return any(pseudonym(key, self._night_id, entry.appointment_id).hex() == told for key in self._keys)


class _Names:
    """Of slots: office, day and part of the day, as kinds are named."""

    def __init__(self, session: Session, slot_ids: set[int]) -> None:
        rows = session.execute(
            select(Slot.id, Slot.starts_at, Office.code, Slot.local_day, Slot.band)
            .join(Office, Office.id == Slot.office_id)
            .where(Slot.id == any_of(slot_ids, BigInteger))
        )
        self.of = {row.id: (row.starts_at, f"{row.code} {row.local_day.isoformat()} {row.band}") for row in rows}

    def fit(self, seat: Seat, kind: str, units: int) -> bool:
        """Return whether a seat is of a kind and a size: it begins in that part of that day."""
        try:
            found = [self.of[slot_id] for slot_id, _ in seat]
            right = bool(found) and sum(count for _, count in seat) == units
            return right and bool(min(found)[1] == kind.rpartition(" ")[0])
        except _UNREADABLE:
            return False


def _is_named(kind: Mapping[str, Any], said: Mapping[str, Any], *, bound: bool) -> bool:
    if bound and salt_of(said["pepper"], said["free"]) != said["salt"]:
        return False
    return (salted_name(said["salt"], said["name"]), len(said["free"])) == (kind["name"], kind["free"])


def _seats(night: SwapNight, entries: Iterable[SwapEntry]) -> set[int]:
    seats = [entry.places for entry in entries]
    seats += [seat for market in night.places["markets"] for kind in market["kinds"] for seat in kind["free"]]
    return {slot_id for seat in seats for slot_id in _ids(seat)}


def _ids(seat: Seat) -> list[int]:
    """Return the slots of a seat, none where somebody wrote something else in its place."""
    try:
        return [slot_id for slot_id, _ in seat if type(slot_id) is int and 0 < slot_id <= _LARGEST]
    except _UNREADABLE:
        return []
