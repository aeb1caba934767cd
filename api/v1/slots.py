"""Where and when a place can be booked at once."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.outgoing.caching import PLACES_SECONDS, public
from api.v1.calls.guards import ProgramOrigin
from api.v1.calls.limits import MeteredDep
from api.v1.calls.refusals import refusals
from api.v1.calls.values import Code, Day, Out
from booking.country.catalogue import views as catalogue
from booking.country.core.attempts import charge
from booking.country.places.views import MOST_SLOTS, open_slots
from booking.platform.base.errors import InvalidInputError, NotFoundError

router = APIRouter(prefix="/instant-slots", tags=["instant booking"])

LARGEST_PARTY = 6


class SlotOut(Out):
    """A time with free places for the whole party; ``id`` is what a hold names. ``local_day`` is the office's day."""

    id: int
    office: str
    local_day: date
    band: str
    starts_at: datetime


class SlotsOut(Out):
    """The coming times, earliest first; at most 500."""

    slots: list[SlotOut]
    complete: bool


@router.get("", response_model=SlotsOut, responses=refusals(InvalidInputError, NotFoundError))
def show(
    *,
    request: Request,
    meter: MeteredDep,
    origin: ProgramOrigin,
    service: Code,
    office: Code,
    people: Annotated[int, Query(ge=1, le=LARGEST_PARTY)] = 1,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
) -> Response:
    """List the times at which a service can be booked at once in an office."""
    core = meter.core
    charge(core, "search", origin.subjects())
    units = catalogue.find_appointment_service(core, service).units * people
    door = catalogue.find_office(core, office).door
    now = core.clock.now()
    found = core.read_older(
        lambda session: open_slots(session, door=door, units=units, now=now, office_code=office, first=first, last=last)
    )
    slots = [
        SlotOut(id=slot.slot_id, office=office, local_day=slot.local_day, band=slot.band, starts_at=slot.starts_at)
        for slot in found
    ]
    response = public(request, SlotsOut(slots=slots, complete=len(slots) < MOST_SLOTS), seconds=PLACES_SECONDS)
    meter.show(response)
    return response
