"""Free places that anybody can book at once, as lists that programs and calendars read, so that nobody scrapes.

Free places in the shape of SMART Scheduling Links (FHIR R4 as lines of JSON), which programs that find places read.

A manifest names files of offices, calendars and times (https://github.com/smart-on-fhir/smart-scheduling-links). What
does not fit stands in ``docs/scheduling-links.md``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

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


PATH: Final = "/open-data/scheduling"
_LINK: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"
_CAPACITY: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity"


def manifest(core: Core) -> dict[str, Any]:
    """Return the entry: where offices, their services, and the free times of each office and service are."""
    base = core.settings.base_url + PATH
    slots = [f"{base}/slots/{one['office']}/{one['service']}.ndjson" for one in summary(core)]
    return {
        "transactionTime": core.clock.now().isoformat(timespec="seconds"),
        "request": f"{base}/$bulk-publish",
        "output": [
            {"type": "Location", "url": f"{base}/locations.ndjson"},
            {"type": "Schedule", "url": f"{base}/schedules.ndjson"},
            *({"type": "Slot", "url": url} for url in slots),
        ],
        "error": [],
    }


def locations(core: Core) -> list[dict[str, Any]]:
    """Return the offices that are open, as Locations."""
    return [_location(core, office) for office in catalogue.list_offices(core)]


def schedules(core: Core) -> list[dict[str, Any]]:
    """Return what each office offers with an appointment, as Schedules."""
    services = catalogue.list_appointment_services(core)
    return [
        {
            "resourceType": "Schedule",
            "id": schedule_id(office, service),
            "actor": [{"reference": f"Location/{office.id}", "display": office.name_en}],
            "serviceType": [
                {
                    "coding": [
                        {
                            "system": f"{core.settings.base_url}/services",
                            "code": service.code,
                            "display": service.name_en,
                        }
                    ],
                    "text": service.name_en,
                }
            ],
        }
        for office in catalogue.list_offices(core)
        for service in services
        if service.is_for(office.door)
    ]


def slots(core: Core, *, office: str, service: str) -> list[dict[str, Any]]:
    """Return the coming free times of an office and a service, as Slots by the office's clock, at most 500.

    Raises
    ------
    NotFoundError
        Office or service are unknown, or the office does not offer the service.
    """
    branch, asked, found = places(core, office=office, service=service)
    zone, link = (
        ZoneInfo(branch.time_zone),
        f"{core.settings.base_url}/instant/{branch.door}/{asked.code}/{branch.code}",
    )
    return [
        {
            "resourceType": "Slot",
            "id": f"{one.slot_id}.{asked.id}",
            "schedule": {"reference": f"Schedule/{schedule_id(branch, asked)}"},
            "status": "free",
            "start": one.starts_at.astimezone(zone).isoformat(),
            "end": one.ends_at.astimezone(zone).isoformat(),
            "extension": [
                {"url": _LINK, "valueUrl": f"{link}?day={one.starts_at.astimezone(zone).date().isoformat()}"},
                {"url": _CAPACITY, "valueInteger": one.people},
            ],
        }
        for one in found
    ]


def schedule_id(office: Office, service: Service) -> str:
    """Return the id of what one office offers of one service."""
    return f"{office.id}.{service.id}"


def _location(core: Core, office: Office) -> dict[str, Any]:
    return {
        "resourceType": "Location",
        "id": str(office.id),
        "identifier": [{"system": f"{core.settings.base_url}/offices", "value": office.code}],
        "name": office.name_en,
        "alias": [office.name_ar],
        "telecom": [{"system": "phone", "value": core.pack.country.state.contact.phone}],
        "address": {
            "line": [office.address_en or office.name_en],
            "city": office.city_en or office.region_en,
            "state": office.region_en,
        },
        "position": {"latitude": office.latitude, "longitude": office.longitude},
    }
