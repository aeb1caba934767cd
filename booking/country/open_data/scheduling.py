"""Free places in the shape of SMART Scheduling Links (FHIR R4 as lines of JSON), which programs that find places read.

A manifest names files of offices, calendars and times (https://github.com/smart-on-fhir/smart-scheduling-links). What
does not fit stands in ``docs/scheduling-links.md``.
"""

from typing import Any, Final
from zoneinfo import ZoneInfo

from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.open_data.free_places import places, summary
from booking.platform.models import Office, Service

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
