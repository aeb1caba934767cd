"""Events: a service at an office, in the coming draw, or at a time that can be booked at once."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from pydantic import Field
from starlette.requests import Request

from api.deps import CoreDep
from api.govstack.calls import Part, written
from api.govstack.scheduler.names import Event
from api.govstack.scheduler.query import moment, read, wanted
from api.govstack.scheduler.times import free_times
from api.v1.calls.guards import ProgramOrigin
from api.v1.calls.values import Code
from booking.country.catalogue import views as catalogue
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.places.views import OpenSlot
from booking.platform.base.errors import FieldError
from booking.platform.models import Draw, Office, Service
from booking.platform.models.states import DrawState

DETAILS: Final = (
    *("event_id", "description", "name", "category", "host_entity_id", "period", "venue", "deadline"),
    *("subscriber_limit", "status"),
)


class EventFilter(Part):
    """Which events: those of a service (``category``) at an office (``host_entity_id``), or by their ids."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset({"description", "name", "subscriber_limit", "terms", "venue"})

    event_id: list[str] | None = Field(default=None, max_length=20)
    category: str | None = None
    host_entity_id: Code | None = None
    first: str | None = Field(default=None, alias="from")
    last: str | None = Field(default=None, alias="to")


class EventQuery(Part):
    """Which events, and what of them."""

    event_filter: EventFilter
    event_details_required: dict[str, bool] = Field(default={})


def events(request: Request, core: CoreDep, origin: ProgramOrigin) -> list[dict[str, Any]]:
    """List what can be booked: the next draw of a service at an office, then its times to book at once."""
    asked = read(request, EventQuery)
    names = wanted(asked.event_details_required, DETAILS, "event_details_required")
    one = asked.event_filter
    first, last = moment(one.first, "event_filter.from"), moment(one.last, "event_filter.to")
    charge(core, "search", origin.subjects())
    found = [event for pair in _pairs(one) for event in _at_one_office(core, *pair, first, last)]
    return [
        {"event_id": number, "details": _marked(details, names)}
        for number, begins, ends, details in found
        if (one.event_id is None or number in one.event_id)
        and (first is None or ends > first)
        and (last is None or begins < last)
    ]


def _pairs(asked: EventFilter) -> list[tuple[str, str]]:
    """Return the services and offices to look at, all of them named: no call reads the whole country."""
    if asked.event_id is not None:
        named = [Event.read(text) for text in asked.event_id]
        pairs = dict.fromkeys((event.service, event.office) for event in named)
        return [
            (service, office)
            for service, office in pairs
            if asked.category in {None, service} and asked.host_entity_id in {None, office}
        ]
    if asked.category is None:
        raise FieldError("qry.event_filter.category", "missing")
    if asked.host_entity_id is None:
        raise FieldError("qry.event_filter.host_entity_id", "missing")
    return [(asked.category, asked.host_entity_id)]


Shown = tuple[str, datetime, datetime, dict[str, Any]]


def _at_one_office(
    core: Core, service_code: str, office_code: str, first: datetime | None, last: datetime | None
) -> list[Shown]:
    service, office = catalogue.find_appointment_service(core, service_code), catalogue.find_office(core, office_code)
    if not service.is_for(office.door):
        return []
    slots = free_times(core, office, service, first, last, place="event_filter.to")
    draw = catalogue.coming_draw(core)
    return [*([_drawn(service, office, draw)] if draw else []), *(_at_once(service, office, slot) for slot in slots)]


def _drawn(service: Service, office: Office, draw: Draw) -> Shown:
    zone = ZoneInfo(office.time_zone)
    begins = datetime.combine(draw.horizon_first, time(), zone)
    ends = datetime.combine(draw.horizon_last + timedelta(days=1), time(), zone)
    number = str(Event(service.code, office.code, None))
    status = "open" if draw.state is DrawState.OPEN else "announced"
    return (
        number,
        begins,
        ends,
        _details(service, office, begins, ends)
        | {
            "description": f"The draw {draw.reference}: whoever asks before it closes has the same chance",
            "deadline": written(draw.closes_at),
            "status": status,
        },
    )


def _at_once(service: Service, office: Office, slot: OpenSlot) -> Shown:
    number = str(Event(service.code, office.code, slot.slot_id))
    return (
        number,
        slot.starts_at,
        slot.ends_at,
        _details(service, office, slot.starts_at, slot.ends_at)
        | {
            "description": "A place that can be booked at once",
            "deadline": written(slot.starts_at),
            "subscriber_limit": str(slot.free // service.units),
            "status": "open",
        },
    )


def _details(service: Service, office: Office, begins: datetime, ends: datetime) -> dict[str, Any]:
    return {
        "name": service.name_en,
        "category": service.code,
        "host_entity_id": office.code,
        "from": written(begins),
        "to": written(ends),
        "venue": {
            "street": office.address_en,
            "city": office.city_en,
            "state": office.region_en,
            "lat": str(office.latitude),
            "long": str(office.longitude),
        },
    }


def _marked(details: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Keep the wanted details; a period is two of them."""
    marked = {*names, *({"from", "to"} if "period" in names else ())}
    return {name: value for name, value in details.items() if name in marked}
