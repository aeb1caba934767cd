"""How likely an appointment is at each office, as everyone may read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import Office, OfficeChance

_DAY: Final = "day:"
_BAND: Final = "band:"


class Chance(NamedTuple):
    """How many of a hundred newcomers would have had a place: the lowest, likely and highest number."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class OfficeChances:
    """What the last draws say of an office: on any day, by weekday (0 is Monday) and by band of the day."""

    draws: int
    any: Chance
    weekdays: Mapping[int, Chance]
    bands: Mapping[str, Chance]


def chances_of_offices(core: Core) -> dict[str, OfficeChances]:
    """Return the chances by the office's code; offices of which too little is known are left out."""
    statement = select(Office.code, OfficeChance).join(Office, Office.id == OfficeChance.office_id).order_by(Office.id)
    with core.sessions() as session:
        return {code: _read(row) for code, row in session.execute(statement.where(Office.active))}


def _read(row: OfficeChance) -> OfficeChances:
    found = {key: Chance(*chance) for key, chance in row.chances.items()}
    return OfficeChances(
        draws=row.draws,
        any=found["any"],
        weekdays={int(key.removeprefix(_DAY)): one for key, one in found.items() if key.startswith(_DAY)},
        bands={key.removeprefix(_BAND): one for key, one in found.items() if key.startswith(_BAND)},
    )
