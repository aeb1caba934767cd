"""Calendars as text (RFC 5545, with the properties of RFC 7986 that programs ask for)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone
from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from booking.platform.base.references import shown
from booking.platform.languages.speech import Speech
from booking.platform.models import Appointment, Office, Request, Service
from booking.platform.models.requests.appointment import MOVED
from booking.platform.models.states import AppointmentState

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


NAME: Final = {"ar": "مواعيدي", "en": "My appointments"}
CONFIRM: Final = {
    "ar": "أكّد حضورك قبل {time}، وإلا انتقل الموعد إلى غيرك.",
    "en": "Confirm that you will come before {time}, or the appointment goes to someone else.",
}
SAID: Final = (NAME, CONFIRM)
"""What calendars say in each language beside what rows hold."""

_S: Final = AppointmentState
GIVEN_UP: Final = frozenset({_S.LAPSED, _S.CANCELLED})


@dataclass(frozen=True, slots=True)
class Row:
    """An appointment with what a calendar says of it; ``moves`` counts how often it was moved."""

    reference: str
    state: AppointmentState
    starts_at: datetime
    ends_at: datetime
    confirm_by: datetime
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    moves: int
    moved_at: datetime | None
    people: int
    services: Sequence[Service]
    office: Office

    @property
    def of(self) -> tuple[int, ...]:
        """What its people come for, by the numbers of the services."""
        return tuple(service.id for service in self.services)

    @property
    def status(self) -> Status:
        """Return whether it takes place: what is over took place."""
        if self.state in GIVEN_UP:
            return Status.CANCELLED
        return Status.TENTATIVE if self.state is _S.OFFERED else Status.CONFIRMED

    @property
    def revision(self) -> int:
        """Return how often it became another one: by being confirmed, moved, given up."""
        return (self.confirmed_at is not None) + self.moves + (self.state in GIVEN_UP)

    @property
    def stamp(self) -> datetime:
        """Return when it changed last, as far as calendars say."""
        ended = self.ended_at if self.state in GIVEN_UP else None
        return max(at for at in (self.created_at, self.confirmed_at, self.moved_at, ended) if at is not None)


def rows() -> Select[Any]:
    """Return the statement whose rows `read` makes into appointments, each after what is earlier."""
    moves = MOVED.c.appointment_id == Appointment.id
    return (
        select(
            *(Appointment.reference, Appointment.state, Appointment.starts_at, Appointment.ends_at),
            *(Appointment.confirm_by, Appointment.created_at, Appointment.confirmed_at, Appointment.ended_at),
            select(func.count(MOVED.c.made_at)).where(moves).scalar_subquery(),
            select(func.max(MOVED.c.made_at)).where(moves).scalar_subquery(),
            *(Request, Office),
        )
        .join(Request, Request.id == Appointment.request_id)
        .join(Office, Office.id == Appointment.office_id)
        .options(selectinload(Request.errands))
        .order_by(Appointment.starts_at, Appointment.reference)
    )


def read(found: Iterable[Any]) -> list[Row]:
    """Return what the statement of `rows` found."""
    return [Row(*[*one[:-2], one.Request.party_size, one.Request.services, one.Office]) for one in found]


def own_entry(row: Row, speech: Speech, *, base_url: str) -> Entry:
    """Return an appointment as those see it whose it is: service, office and reference, nobody's name."""
    office, summary = row.office, f"{speech.names(row.services)} ({shown(row.reference)})"
    description = ""
    if row.status is Status.TENTATIVE:
        until = row.confirm_by.astimezone(ZoneInfo(office.time_zone))
        description = speech.choose(CONFIRM).format(time=speech.digits(f"{until:%Y-%m-%d %H:%M}"))
    return replace(
        _entry(row, summary, f"{speech.name(office)}, {speech.pick(office.address_ar, office.address_en)}"),
        description=description,
        url=f"{base_url}/appointments/{row.reference}",
        place=(office.latitude, office.longitude),
        remind=row.status is Status.CONFIRMED,
    )


def counter_entry(row: Row, speech: Speech) -> Entry:
    """Return an appointment as its office sees it: service, how many people, reference; nobody's name."""
    summary = f"{_counted(speech, row.people, row.services)} ({shown(row.reference)})"
    return _entry(row, summary, speech.name(row.office))


def office_entries(found: Iterable[Row], left: dict[datetime, tuple[int, datetime]], speech: Speech) -> Iterator[Entry]:
    """Yield what comes to an office, a time at a time: services and how many people, and no reference.

    Parameters
    ----------
    left
        By time, how many parties were moved elsewhere, and when the last of them: they are rows of another time now.
    """
    for starts_at, group in groupby(found, key=lambda row: row.starts_at):
        parties = list(group)
        coming = [one for one in parties if one.state not in GIVEN_UP]
        people: dict[tuple[int, ...], int] = {}
        services = {one.of: one.services for one in parties}
        for one in coming:
            people[one.of] = people.get(one.of, 0) + one.people
        gone, gone_at = left.get(starts_at, (0, parties[0].created_at))
        office = parties[0].office
        yield Entry(
            uid=f"{office.code}-{starts_at:%Y%m%dT%H%MZ}@mawid",
            # What was confirmed counts once, and once more when it went, so that it never counts down.
            revision=len(parties) + sum(one.state in GIVEN_UP for one in parties) + 2 * gone,
            stamp=max(gone_at, *(one.stamp for one in parties)),
            status=Status.CONFIRMED if coming else Status.CANCELLED,
            starts_at=starts_at,
            ends_at=max(one.ends_at for one in parties),
            zone=office.time_zone,
            summary=f"{speech.comma} ".join(_counted(speech, n, services[key]) for key, n in sorted(people.items()))
            or speech.digits("0"),
            location=speech.name(office),
        )


def uid_of(row: Row) -> str:
    """Return what names an appointment in every calendar, whoever reads it there."""
    return f"{row.reference}@mawid"


def _entry(row: Row, summary: str, location: str) -> Entry:
    return Entry(
        uid=uid_of(row),
        revision=row.revision,
        stamp=row.stamp,
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.office.time_zone,
        summary=summary,
        location=location,
    )


def _counted(speech: Speech, people: int, services: Sequence[Service]) -> str:
    return f"{speech.digits(str(people))} × {speech.names(services)}"
