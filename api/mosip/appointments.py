"""Booking calls: the free times of a centre, booking and re-booking, what is booked, cancelling."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.deps import CoreDep, core_of
from api.mosip.envelope import VERSION, MosipError, MosipRoute, SwitchedOffError, answer
from api.v1.calls.guards import Caller, ProgramOrigin, bearer
from api.v1.calls.values import Code, Day, In, member_id
from booking.country.catalogue import views as catalogue
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.places.views import MOST_SLOTS, OpenSlot, open_slots
from booking.platform.base.references import new_reference
from booking.platform.models import Office, Service
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, AppointmentState, RequestState
from booking.scheduling.appointments.change_time import change_time
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.requests.rows import people_of_requests
from booking.scheduling.requests.views import AppointmentView, list_requests, request_view
from booking.scheduling.requests.wish import Wish

BOOK, FETCH, CANCEL, AVAILABILITY = (
    "booking.book",
    "appointment.fetch",
    "appointment.cancel",
    "appointment.availability",
)
BOOKED: Final = "Appointment booked successfully"
CANCELLED: Final = "Appointment for the selected application has been successfully cancelled"
NOTHING_BOOKED: Final = ("PRG_BOOK_RCI_013", "Booking data not found")
NOTHING_FREE: Final = ("PRG_BOOK_RCI_015", "No available slots found for specified registration center")
NOT_THEN: Final = ("PRG_BOOK_RCI_002", "Availability not found for the selected time")
LARGEST_PARTY: Final = 20

Time = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")]
Application = Annotated[str, StringConstraints(max_length=20)]


class BookingIn(In):
    """A time at a centre, in the centre's own time."""

    registration_center_id: Code
    appointment_date: Day
    time_slot_from: Time
    time_slot_to: Time

    @property
    def time(self) -> tuple[str, date, str, str]:
        """Which time it is, to compare."""
        return self.registration_center_id, self.appointment_date, self.time_slot_from[:5], self.time_slot_to[:5]


class OneOfManyIn(BookingIn):
    """A time, and for which application."""

    preRegistrationId: Application  # noqa: N815 - MOSIP's own name


class ManyIn(In):
    """Several applications."""

    bookingRequest: list[OneOfManyIn] = Field(min_length=1, max_length=LARGEST_PARTY)  # noqa: N815 - MOSIP's own name


class EnvelopeIn(In):
    """What every request says of itself; ``requesttime`` is not consumed, as MOSIP's own description has it."""

    id: str
    version: str
    requesttime: Annotated[str, StringConstraints(max_length=40)]

    def check(self) -> None:
        """Refuse a request for another call or version; raises MosipError."""
        if self.id != f"mosip.pre-registration.{BOOK}":
            raise MosipError("PRG_PAM_CORE_001", "Request id is invalid")
        if self.version != VERSION:
            raise MosipError("PRG_PAM_CORE_002", "Request version is invalid")


class BookIn(EnvelopeIn):
    """A booking for the application in the address."""

    request: BookingIn


class BookManyIn(EnvelopeIn):
    """A booking for several applications."""

    request: ManyIn


def service_of(request: Request) -> Service:
    """Return the service whose appointments are booked here; raises SwitchedOffError where the settings name none.

    It may look into the database, so it runs in a thread: a slow database must not hold up every other call.
    """
    core = core_of(request)
    if core.settings.mosip_service is None:
        raise SwitchedOffError
    return catalogue.find_appointment_service(core, core.settings.mosip_service)


ServiceDep = Annotated[Service, Depends(service_of)]

router = APIRouter(
    prefix="/api/mosip/preregistration/v1/applications/appointment",
    route_class=MosipRoute,
    dependencies=[Depends(bearer), Depends(service_of)],
)


@router.get("/slots/availability/{centre}", name=AVAILABILITY)
def availability(
    *, request: Request, centre: Code, core: CoreDep, service: ServiceDep, origin: ProgramOrigin
) -> JSONResponse:
    """List the times of a centre that can be booked at once, day by day, in its own time."""
    charge(core, "search", origin.subjects())
    office = catalogue.find_office(core, centre)
    slots = _free(core, office, service.units)
    if not slots:
        raise MosipError(*NOTHING_FREE)
    days = [
        {"date": day.isoformat(), "timeSlots": [_shown(office, slot, service) for slot in of_day], "holiday": False}
        for day, of_day in groupby(slots, key=lambda slot: slot.local_day)
    ]
    return answer(request, AVAILABILITY, {"regCenterId": office.code, "centerDetails": days})


@router.post("", name=BOOK)
def book_many(
    *, request: Request, body: BookManyIn, core: CoreDep, caller: Caller, service: ServiceDep, origin: ProgramOrigin
) -> JSONResponse:
    """Book several people who come together, or change the time that they have together.

    Other times are booked one by one: nobody loses by another's.
    """
    body.check()
    bookings = body.request.bookingRequest
    if len({one.time for one in bookings}) > 1:
        raise MosipError("MAWID_ONE_BY_ONE", "bookingRequest: different times are booked one by one")
    people = [member_id(one.preRegistrationId) for one in bookings]
    _book(core, caller, service, origin, people=people, wanted=bookings[0])
    return answer(request, BOOK, {"bookingStatusResponse": [{"bookingMessage": BOOKED} for _ in bookings]})


@router.post("/{application}", name=BOOK)
def book(
    *,
    request: Request,
    application: Application,
    body: BookIn,
    core: CoreDep,
    caller: Caller,
    service: ServiceDep,
    origin: ProgramOrigin,
) -> JSONResponse:
    """Book a time for a person, or change the one that they have: it stays theirs until the new one is."""
    body.check()
    _book(core, caller, service, origin, people=[member_id(application)], wanted=body.request)
    return answer(request, BOOK, {"bookingMessage": BOOKED})


@router.get("/{application}", name=FETCH)
def fetch(
    *, request: Request, application: Application, core: CoreDep, caller: Caller, service: ServiceDep
) -> JSONResponse:
    """Show what is booked for a person."""
    visit = _booked(core, caller, service, member_id(application))
    zone = ZoneInfo(visit.office.time_zone)
    starts, ends = visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
    return answer(
        request,
        FETCH,
        {
            "registration_center_id": visit.office.code,
            "appointment_date": starts.date().isoformat(),
            "time_slot_from": f"{starts:%H:%M}",
            "time_slot_to": f"{ends:%H:%M}",
        },
    )


@router.put("/{application}", name=CANCEL)
def give_up(
    *, request: Request, application: Application, core: CoreDep, caller: Caller, service: ServiceDep
) -> JSONResponse:
    """Give up what is booked for a person; the place goes to a later draw."""
    visit = _booked(core, caller, service, member_id(application))
    cancel(core, account_id=caller.account_id, reference=visit.reference)
    return answer(request, CANCEL, {"transactionId": new_reference(), "message": CANCELLED})


def _book(
    core: Core, caller: Caller, service: Service, origin: Origin, *, people: list[int], wanted: BookingIn
) -> None:
    """Hold the time for all of them, and confirm it at once where the gate asks for no check.

    What the same people have together already is changed in one step: it is theirs until the new time is.
    """
    office = catalogue.find_office(core, wanted.registration_center_id)
    wish = Wish(service=service.code, people=tuple(people), offices=(), bands=frozenset(), door=office.door)
    slot = _slot_at(office, _free(core, office, service.units * len(people), wanted.appointment_date), wanted)
    before = _confirmed(core, caller, service, set(people))
    if before is not None:
        change_time(core, account_id=caller.account_id, reference=before, slot_id=slot.slot_id, origin=origin)
        return
    held = hold(core, account_id=caller.account_id, slot_id=slot.slot_id, wish=wish, origin=origin)
    if held.state is not RequestState.HELD:
        raise MosipError(
            "MAWID_CHECK_NEEDED",
            f"The place is held. It needs a check first: /api/v1/requests/{held.request}/challenge",
        )
    confirm_hold(core, account_id=caller.account_id, reference=held.reference)


def _confirmed(core: Core, caller: Caller, service: Service, together: set[int]) -> str | None:
    """Return the confirmed appointment of exactly these people of the account, if they have one."""
    people = people_of_requests(core, caller.account_id)
    for line in list_requests(core, caller.account_id):
        is_theirs = line.service.code == service.code and set(people.get(line.reference, [])) == together
        if is_theirs and line.appointment_state is AppointmentState.CONFIRMED:
            return line.appointment_reference
    return None


def _free(core: Core, office: Office, units: int, day: date | None = None) -> list[OpenSlot]:
    """Return the times with so many free places, earliest first, on a day or as many whole days as one answer holds."""
    slots = core.read_older(
        lambda session: open_slots(
            session,
            door=office.door,
            units=units,
            now=core.clock.now(),
            office_code=office.code,
            first=day,
            last=day,
        )
    )
    if len(slots) < MOST_SLOTS:
        return slots
    return [slot for slot in slots if slot.local_day < slots[-1].local_day]


def _slot_at(office: Office, slots: Iterable[OpenSlot], wanted: BookingIn) -> OpenSlot:
    for slot in slots:
        shown = (office.code, slot.local_day, _local(office, slot.starts_at)[:5], _local(office, slot.ends_at)[:5])
        if shown == wanted.time:
            return slot
    raise MosipError(*NOT_THEN)


def _shown(office: Office, slot: OpenSlot, service: Service) -> dict[str, Any]:
    return {
        "fromTime": _local(office, slot.starts_at),
        "toTime": _local(office, slot.ends_at),
        "availability": slot.free // service.units,
    }


def _local(office: Office, instant: datetime) -> str:
    return f"{instant.astimezone(ZoneInfo(office.time_zone)):%H:%M:%S}"


def _booked(core: Core, caller: Caller, service: Service, person: int) -> AppointmentView:
    """Find the live appointment of a person of the account; raises MosipError where there is none."""
    people = people_of_requests(core, caller.account_id)
    for line in list_requests(core, caller.account_id):
        is_theirs = line.service.code == service.code and person in people.get(line.reference, [])
        if is_theirs and line.appointment_state in LIVE_APPOINTMENT_STATES:
            visit = request_view(core, caller.account_id, line.reference).appointment
            if visit is not None:
                return visit
    raise MosipError(*NOTHING_BOOKED)
