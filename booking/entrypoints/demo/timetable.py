"""When things happen in the demonstration: everything in the near past, so that its end is now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from booking.country.packs.schema import Pack
from booking.country.packs.shares import generate_slots

LEAD_DAYS: Final = 4
"""Days from the end of the play to the first day of places: offers can still be confirmed when the pages open."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """The instants of two booking days, and the days whose places they draw.

    The first window closes two and a half days before ``ends``; offers are answered (or lapse) in the two days after
    it, in which the second window is open; its draw is published at ``ends``.
    """

    ends: datetime
    first_day: date
    last_day: date
    later_day: date
    """The second draw reaches to this day: freed places of the first, and new ones of the days after it."""

    @classmethod
    def until(cls, ends: datetime, *, pack: Pack, days: int) -> Self:
        """Lay the play out before ``ends``, with ``days`` working days at home in the first draw."""
        today = ends.astimezone(ZoneInfo(pack.country.time_zone)).date()
        first = today + timedelta(days=LEAD_DAYS)
        home = next(office for office in pack.offices if office.kind == "branch")
        later = max(1, round(days / 3))
        reach = first + timedelta(days=3 * (days + later) + 14)
        open_days = sorted({slot.local_date for slot in generate_slots(pack, home, first, reach)})
        return cls(ends, open_days[0], open_days[days - 1], open_days[days + later - 1])

    @property
    def installed(self) -> datetime:
        """When the country was set up, before the first account."""
        return self.ends - timedelta(days=75)

    @property
    def opens(self) -> datetime:
        """The first window opens."""
        return self.ends - timedelta(hours=82)

    @property
    def closes(self) -> datetime:
        """The first window closes, a day later."""
        return self.opens + timedelta(hours=24)

    @property
    def drawn(self) -> datetime:
        """The first draw is published."""
        return self.closes + timedelta(hours=1)

    @property
    def lapsed(self) -> datetime:
        """Offers of the first draw that nobody confirmed are over."""
        return self.drawn + timedelta(hours=49)

    @property
    def closes_again(self) -> datetime:
        """The second window closes."""
        return self.ends - timedelta(minutes=30)
