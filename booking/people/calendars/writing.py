"""Calendars as text (RFC 5545, with the properties of RFC 7986 that programs ask for)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone

FORMAT: Final = 1
"""Counted up when the same entries are written in another way: what programs have is then read again."""
_ONE_DAY: Final = timedelta(days=1)
_PRODUCT: Final = "-//Mawid//Appointments//EN"


class Status(StrEnum):
    """Whether something takes place."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something at a time, by the clock of ``zone``.

    ``uid`` stays the same whatever changes, ``revision`` only grows, and ``stamp`` is when it changed last. A reader is
    reminded a day before where ``remind`` says so.
    """

    uid: str
    revision: int
    stamp: datetime
    status: Status
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    location: str
    description: str = ""
    url: str = ""
    place: tuple[float, float] | None = None
    remind: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A calendar with its entries in the order of time; ``refresh`` is how often it is worth reading again."""

    name: str
    entries: Sequence[Entry]
    refresh: timedelta | None = None

    @property
    def tag(self) -> str:
        """Return what changes whenever the text would; it is cheaper than the text."""
        return sha256(repr((FORMAT, self.name, self.refresh, *self.entries)).encode()).hexdigest()[:32]

    def text(self) -> bytes:
        """Write it; the same entries, the same bytes."""
        calendar = Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", "PUBLISH")
        if self.name:
            calendar.add("name", self.name)
            calendar.add("x-wr-calname", self.name)
        if self.refresh is not None:
            calendar.add("refresh-interval", self.refresh, parameters={"VALUE": "DURATION"})
            calendar.add("x-published-ttl", self.refresh)
        for zone in sorted({one.zone for one in self.entries}):
            days = [one.starts_at.date() for one in self.entries if one.zone == zone]
            calendar.add_component(_clock(zone, min(days).year, max(days).year))
        for one in self.entries:
            calendar.add_component(_event(one))
        return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event, zone = Event(), ZoneInfo(entry.zone)
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp)
    event.add("last-modified", entry.stamp)
    event.add("sequence", entry.revision)
    event.add("status", entry.status.value)
    event.add("class", "PRIVATE")
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    if entry.description:
        event.add("description", entry.description)
    if entry.url:
        event.add("url", entry.url)
    if entry.place is not None:
        event.add("geo", entry.place)
    if entry.remind:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.summary)
        alarm.add("trigger", -_ONE_DAY)
        event.add_component(alarm)
    return event


@lru_cache(maxsize=64)
def _clock(zone: str, first: int, last: int) -> Timezone:
    """Return how a zone's clock goes in some years; a day more on each side, for they are told in UTC."""
    return Timezone.from_tzinfo(
        ZoneInfo(zone), zone, first_date=date(first, 1, 1) - _ONE_DAY, last_date=date(last + 1, 1, 1) + _ONE_DAY
    )
