"""Who has to go from a day that closes, and where a party comes instead."""

from dataclasses import dataclass
from datetime import date, datetime

from booking.platform.models.states import Pool


@dataclass(frozen=True, slots=True)
class Party:
    """Who has to go. ``offices`` are codes: the office of the appointment, then the others that the request ranked.

    ``weekdays`` is a bit mask (bit 0 Monday); ``last_day`` and ``needed_by`` are empty where there is no end. A wish
    that allows one day only (an instant booking) accepts any near day: its people chose a place, not a rule.
    """

    reference: str
    size: int
    units: int
    lost_draws: int
    starts_at: datetime
    day: date
    band: str
    offices: tuple[str, ...]
    weekdays: int
    bands: frozenset[str]
    first_day: date
    last_day: date | None
    needed_by: date | None
    accessible: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a party comes instead: units in touching slots of one pool."""

    pool: Pool
    slots: tuple[tuple[int, int], ...]
