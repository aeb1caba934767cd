"""That places and people behind the numbers of a night are those that its file was closed with."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Session

from booking.base.arrays import any_of
from booking.core.core import Core
from booking.draws.freeze import pseudonym
from booking.models import Office, Slot, SwapEntry, SwapNight
from booking.swaps.deciding import salted_name
from booking.swaps.errors import DamagedNightError
from booking.swaps.freeze import PSEUDONYM

Seat = Sequence[Sequence[int]]


def require_behind(
    session: Session, core: Core, night: SwapNight, inputs: Mapping[str, Any], entries: Sequence[SwapEntry]
) -> None:
    """Refuse a night in whose rows somebody put other places or other appointments behind the numbers of its file.

    The log has the file's hash alone. Kinds are bound to it by their salted names, appointments by their pseudonyms.

    Raises
    ------
    DamagedNightError
        A name, a place or an appointment is another one.
    """
    names = _Names(session, _seats(night, entries))
    key, told = core.vault.key(PSEUDONYM), {(one.units, one.number): one for one in entries}
    markets, behind = inputs["markets"], night.places["markets"]
    right = len(markets) == len(behind) and len(told) == sum(len(one["holders"]) for one in markets)
    for market, private in zip(markets, behind, strict=False):
        kinds, said, units = market["kinds"], private["kinds"], market["units"]
        right = right and len(kinds) == len(said) and all(map(_is_named, kinds, said))
        right = right and all(names.fit(seat, kind["name"], units) for kind in said for seat in kind["free"])
        for number, holder in enumerate(market["holders"]):
            entry = told.get((units, number))
            right = (
                right
                and entry is not None
                and pseudonym(key, night.id, entry.appointment_id).hex() == holder["id"]
                and names.fit(entry.places, said[holder["holds"]]["name"], units)
            )
    if not right:
        raise DamagedNightError(night.reference)


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
        found = [self.of[slot_id] for slot_id, _ in seat if slot_id in self.of]
        right = len(found) == len(seat) > 0 and sum(count for _, count in seat) == units
        return right and bool(min(found)[1] == kind.rpartition(" ")[0])


def _is_named(kind: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    return (salted_name(said["salt"], said["name"]), len(said["free"])) == (kind["name"], kind["free"])


def _seats(night: SwapNight, entries: Iterable[SwapEntry]) -> set[int]:
    seats = [entry.places for entry in entries]
    seats += [seat for market in night.places["markets"] for kind in market["kinds"] for seat in kind["free"]]
    return {slot_id for seat in seats for slot_id, _ in seat}
