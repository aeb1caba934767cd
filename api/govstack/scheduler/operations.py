"""Every operation of GovStack's Scheduler: what answers it, or why it is not what Mawid is."""

from typing import Final

from fastapi import APIRouter

from api.govstack.calls import CATALOGUE, NOTICES, PEOPLE, RECORD, TIMES, Answer, GovStackRoute, refusal
from api.govstack.scheduler import appointments, events, offices, subscribers
from api.govstack.scheduler.query import CALLER

NEW: Final = ("POST", "new")
CHANGED: Final = ("PUT", "modifications")
REMOVED: Final = ("DELETE", "")
LISTED: Final = ("GET", "list_details")
FREE: Final = ("GET", "availability")

OPERATIONS: Final[dict[str, dict[tuple[str, str], Answer | str]]] = {
    "event": {NEW: TIMES, CHANGED: TIMES, REMOVED: TIMES, LISTED: events.events},
    "appointment": {
        NEW: appointments.create,
        CHANGED: appointments.change,
        REMOVED: appointments.remove,
        LISTED: appointments.appointments,
    },
    "entity": {NEW: CATALOGUE, CHANGED: CATALOGUE, REMOVED: CATALOGUE, LISTED: offices.entities},
    "resource": {
        NEW: CATALOGUE,
        CHANGED: CATALOGUE,
        REMOVED: CATALOGUE,
        LISTED: offices.resources,
        FREE: offices.free_resources,
    },
    "subscriber": {NEW: PEOPLE, CHANGED: PEOPLE, REMOVED: subscribers.remove, LISTED: subscribers.subscribers},
    "affiliation": {NEW: CATALOGUE, CHANGED: CATALOGUE, REMOVED: CATALOGUE, LISTED: offices.affiliations},
    "message": dict.fromkeys((NEW, CHANGED, REMOVED, LISTED), NOTICES),
    "alert_schedule": dict.fromkeys((NEW, CHANGED, REMOVED, LISTED), NOTICES),
    "log": dict.fromkeys((NEW, CHANGED, REMOVED, LISTED), RECORD),
}


def make_router() -> APIRouter:
    """Make the router of all operations; each asks first who calls."""
    router = APIRouter(prefix="/scheduler", route_class=GovStackRoute, dependencies=CALLER)
    for resource, operations in OPERATIONS.items():
        for (method, rest), answer in operations.items():
            path = f"/{resource}/{rest}".rstrip("/")
            made = refusal(answer) if isinstance(answer, str) else answer
            router.add_api_route(path, made, methods=[method], response_model=None, name=f"{method} {path}")
    return router
