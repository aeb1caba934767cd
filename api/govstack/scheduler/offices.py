"""Entities, resources and affiliations: an office, the counters that it has, and the hours in which they are open."""

from typing import Any, ClassVar, Final

from pydantic import Field
from starlette.requests import Request

from api.deps import CoreDep
from api.govstack.calls import Part, written
from api.govstack.scheduler.query import moment, read, wanted
from api.govstack.scheduler.times import free_times
from api.v1.calls.guards import ProgramOrigin
from api.v1.calls.values import Code
from booking.country.catalogue import views as catalogue
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.platform.models import Office

COUNTERS: Final = "counters"
"""The only category of resources: an office's counters together, for nobody books one of them."""
WEEKDAYS: Final = {
    "mon": "monday",
    "tue": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}
ENTITY, RESOURCE = ("entity_id", "category", "name"), ("resource_id", "category", "name")
AFFILIATION = ("affiliation_id", "resource_id", "entity_id", "category", "work_days_hours")
_REACHED: Final = frozenset({"phone", "email"})


class EntityFilter(Part):
    """Which offices: by their codes, kind or name."""

    NO_WORD: ClassVar[frozenset[str]] = _REACHED | {"website"}

    entity_id: list[str] | None = None
    category: str | None = None
    name: str | None = None


class EntityQuery(Part):
    """Which offices, and what of them."""

    entity_filter: EntityFilter = EntityFilter()
    entity_details_required: dict[str, bool] = Field(default={})


class ResourceFilter(Part):
    """Which offices' counters."""

    NO_WORD: ClassVar[frozenset[str]] = _REACHED | {"alert_url", "alert_preference", "status_poll_url"}

    resource_id: list[str] | None = None
    category: str | None = None
    name: str | None = None


class ResourceQuery(Part):
    """Which counters, and what of them."""

    resource_filter: ResourceFilter = ResourceFilter()
    resource_details_required: dict[str, bool] = Field(default={})


class AffiliationFilter(Part):
    """Whose hours."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset({"from", "to"})

    affiliation_id: list[str] | None = None
    resource_id: str | None = None
    entity_id: str | None = None
    category: str | None = None


class AffiliationQuery(Part):
    """Whose hours, and what of them."""

    affiliation_filter: AffiliationFilter = AffiliationFilter()
    affiliation_details_required: dict[str, bool] = Field(default={})


class FreeFilter(Part):
    """Where and when there has to be a place for one person of a service."""

    category: str
    entity_id: Code = Field(alias="Entity_id")
    first: str | None = Field(default=None, alias="from")
    last: str | None = Field(default=None, alias="to")
    resource_id: str | None = None


class FreeQuery(Part):
    """Which free times."""

    free_resource_filter: FreeFilter


def entities(request: Request, core: CoreDep) -> list[dict[str, Any]]:
    """List offices: branches at home and consulates abroad."""
    asked = read(request, EntityQuery)
    names = wanted(asked.entity_details_required, ENTITY, "entity_details_required")
    one = asked.entity_filter
    found = [office for office in _offices(core, one.entity_id, one.name) if one.category in {None, office.kind.value}]
    return [_shown("entity_id", office.code, _office(office), names) for office in found]


def resources(request: Request, core: CoreDep) -> list[dict[str, Any]]:
    """List the counters of each office, as one resource: nobody books a counter or a colleague by name."""
    asked = read(request, ResourceQuery)
    names = wanted(asked.resource_details_required, RESOURCE, "resource_details_required")
    one = asked.resource_filter
    found = _offices(core, one.resource_id, one.name) if one.category in {None, COUNTERS} else []
    return [
        _shown("resource_id", office.code, {"name": office.name_en, "category": COUNTERS}, names) for office in found
    ]


def affiliations(request: Request, core: CoreDep) -> list[dict[str, Any]]:
    """List the hours in which the counters of offices are open, in each office's own time."""
    asked = read(request, AffiliationQuery)
    names = wanted(asked.affiliation_details_required, AFFILIATION, "affiliation_details_required")
    one = asked.affiliation_filter
    found = _offices(core, one.affiliation_id, None) if one.category in {None, COUNTERS} else []
    found = [office for office in found if {one.resource_id, one.entity_id} <= {None, office.code}]
    return [_shown("affiliation_id", office.code, _hours(office), names) for office in found]


def free_resources(request: Request, core: CoreDep, origin: ProgramOrigin) -> list[dict[str, Any]]:
    """List the times at which a service can be booked at once at an office; the draw has none."""
    asked = read(request, FreeQuery).free_resource_filter
    first = moment(asked.first, "free_resource_filter.from")
    last = moment(asked.last, "free_resource_filter.to")
    charge(core, "search", origin.subjects())
    service = catalogue.find_appointment_service(core, asked.category)
    office = catalogue.find_office(core, asked.entity_id)
    if asked.resource_id not in {None, office.code}:
        return []
    slots = free_times(core, office, service, first, last, place="free_resource_filter.to")
    times = [f"[{written(slot.starts_at)}to{written(slot.ends_at)}]" for slot in slots]
    return [{"resource_id": office.code, "resource_name": office.name_en, "free_slots": times}]


def _offices(core: Core, codes: list[str] | None, name: str | None) -> list[Office]:
    return [
        office
        for office in catalogue.list_offices(core)
        if (codes is None or office.code in codes) and name in {None, office.name_en, office.name_ar}
    ]


def _office(office: Office) -> dict[str, Any]:
    return {"category": office.kind.value, "name": office.name_en}


def _hours(office: Office) -> dict[str, Any]:
    hours = [
        {"day_of_week": WEEKDAYS[day], "start_time": _seconds(rule["opens"]), "end_time": _seconds(rule["closes"])}
        for rule in office.opening
        for day in rule["weekdays"]
    ]
    return {
        "resource_id": office.code,
        "entity_id": office.code,
        "resource_category": COUNTERS,
        "work_days_hours": hours,
    }


def _seconds(time: str) -> str:
    return f"{time[:5]}:00"


def _shown(name: str, code: str, details: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Write one thing of a list: its id, and of its details those that are wanted."""
    marked = {"resource_category" if one == "category" and "resource_category" in details else one for one in names}
    return {name: code, "details": {key: value for key, value in details.items() if key in marked}}
