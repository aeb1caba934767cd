"""Free places that anybody can book at once, as lists that programs and calendars read, so that nobody scrapes."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from icalendar import Calendar, Event
from sqlalchemy import text

from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.places.views import MOST_SLOTS, open_slots
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Office, Service

_SUMMARY: Final = """
    SELECT o.code, s.code, count(*), min(t.starts_at)
    FROM slot t JOIN slot_pool p ON p.slot_id = t.id AND p.pool = 'instant' JOIN office o ON o.id = t.office_id
    JOIN service s ON s.active AND s.delivery <> 'online' AND p.places - p.taken >= s.units
        AND s.audience IN ('both', CASE o.kind WHEN 'branch' THEN 'resident' ELSE 'expatriate' END)
    WHERE o.active AND t.starts_at > :now GROUP BY o.id, o.code, s.position, s.code ORDER BY o.id, s.position, s.code
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A time with free places for ``people`` people of one service; UTC."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    people: int


def summary(core: Core) -> list[dict[str, Any]]:
    """Return for each office and service how many times have a free place, and the first of them."""
    found = core.read_older(lambda session: session.execute(text(_SUMMARY), {"now": core.clock.now()}).all())
    return [
        {
            "office": office,
            "service": service,
            "times": times,
            "first": first.astimezone(UTC).isoformat(),
            "json": f"/open-data/free-places.json?office={office}&service={service}",
            "calendar": f"/open-data/free-places.ics?office={office}&service={service}",
        }
        for office, service, times, first in found
    ]


def places(core: Core, *, office: str, service: str) -> tuple[Office, Service, list[Place]]:
    """List the coming times with a free place, earliest first, at most 500.

    Raises
    ------
    NotFoundError
        Office or service are unknown, or the office does not offer the service.
    """
    branch, asked = catalogue.find_office(core, office), catalogue.find_appointment_service(core, service)
    if not asked.is_for(branch.door):
        raise NotFoundError
    now = core.clock.now()
    slots = core.read_older(
        lambda session: open_slots(session, door=branch.door, units=asked.units, now=now, office_code=branch.code)
    )
    return branch, asked, [Place(one.slot_id, one.starts_at, one.ends_at, one.free // asked.units) for one in slots]


def as_calendar(core: Core, *, office: str, service: str, language: str) -> bytes:
    """Write the free places of an office and a service as a calendar (RFC 5545); the same places, the same bytes."""
    branch, asked, found = places(core, office=office, service=service)
    speech = core.languages.of(language)
    midnight = datetime.combine(core.today(), time(), UTC)
    calendar = Calendar()
    calendar.add("prodid", "-//Mawid//Free places//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{speech.name(asked)}: {speech.name(branch)}")
    for one in found:
        event = Event()
        event.add("uid", f"free-{one.slot_id}-{asked.code}@mawid")
        event.add("dtstamp", midnight)
        event.add("dtstart", one.starts_at.astimezone(UTC))
        event.add("summary", f"{one.people} × {speech.name(asked)}")
        event.add("location", speech.name(branch))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def as_values(core: Core, *, office: str, service: str) -> dict[str, Any]:
    """Return the free places of an office and a service as JSON values."""
    branch, asked, found = places(core, office=office, service=service)
    return {
        "office": branch.code,
        "time_zone": branch.time_zone,
        "service": asked.code,
        "complete": len(found) < MOST_SLOTS,
        "places": [{"starts_at": one.starts_at.astimezone(UTC).isoformat(), "people": one.people} for one in found],
    }
