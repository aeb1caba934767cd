"""Appointments: a request for the draw or an instant hold, by the use cases of our own API and no other way."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from fastapi import Header
from pydantic import Field
from starlette.requests import Request

from api.deps import CoreDep
from api.govstack.calls import Part, written
from api.govstack.scheduler.names import Event
from api.govstack.scheduler.query import QUERY, moment, one, only, read, wanted
from api.v1.calls.guards import Caller, ProgramOrigin
from api.v1.calls.values import member_id
from booking.country.catalogue.views import find_office
from booking.country.core.core import Core
from booking.country.places.views import office_of_slot
from booking.platform.base.errors import FieldError, IllegalMoveError, NotFoundError
from booking.platform.base.references import read_reference
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, AppointmentState, RequestState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel, confirm
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.rows import people_of_requests
from booking.scheduling.requests.views import RequestLine, list_requests, request_view
from booking.scheduling.requests.wish import Wish
from booking.scheduling.requests.withdraw import withdraw

SUBSCRIBER: Final = "subscriber"
ID: Final = "appointment_id"
DETAILS: Final = ("appointment_id", "event_details", "participant_type", "participant_id", "status", "exclusive")
_PLACED: Final = frozenset({RequestState.DRAWN, RequestState.COMPLETED})

OwnKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=80, pattern=r"^[\x21-\x7e]+$")]


class NewDetails(Part):
    """Whom to book for what. Several events are offices of one draw, the first choice first."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset({"participant_entity_id"})

    event_ids: list[str] = Field(min_length=1, max_length=20)
    participant_type: Literal["subscriber"]
    participant_id: str
    exclusive: Literal[True] = True


class NewQuery(Part):
    """An appointment to be."""

    appointment_details: NewDetails


class ChangedDetails(Part):
    """What can be changed: an offer or a hold is confirmed."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset(
        {"exclusive", "event_id", "participant_type", "participant_id", "participant_entity_id"}
    )

    status_id: Literal["confirmed"]


class ChangeQuery(Part):
    """A change of an appointment."""

    details: ChangedDetails


class AppointmentFilter(Part):
    """Which appointments of the account; ``from`` and ``to`` leave out those that have no time yet."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset({"participant_entity_id"})

    exclusive: Literal[True] = True
    appointment_id: str | None = None
    participant_type: Literal["subscriber"] = "subscriber"
    participant_id: str | None = None
    status: str | None = None
    first: str | None = Field(default=None, alias="from")
    last: str | None = Field(default=None, alias="to")


class AppointmentQuery(Part):
    """Which appointments, and what of them."""

    appointment_filter: AppointmentFilter = AppointmentFilter()
    appointment_details_required: dict[str, bool] = Field(default={})


def create(request: Request, core: CoreDep, caller: Caller, origin: ProgramOrigin, own_key: OwnKey = None) -> str:
    """Ask for a turn in the next draw, or hold a place that can be booked at once; the event says which.

    The gate judges both. ``status`` in the answer is how it stands: *accepted* takes part in the draw, *held* waits to
    be confirmed, *challenged* needs a check first (``/api/v1/requests/{id}/challenge``), *under_review* an officer.
    """
    details = read(request, NewQuery).appointment_details
    events = [Event.read(text) for text in details.event_ids]
    wish = _wish(core, events, member_id(details.participant_id))
    slot = events[0].slot
    if slot is None:
        asked = ask(core, account_id=caller.account_id, wish=wish, origin=origin, idempotency_key=own_key)
        return _made(events, asked.reference, asked.state)
    held = hold(core, account_id=caller.account_id, slot_id=slot, wish=wish, origin=origin, idempotency_key=own_key)
    return _made(events, held.request, held.state)


def change(request: Request, core: CoreDep, caller: Caller) -> None:
    """Confirm the place that a draw offered, or the one that is held."""
    read(request, ChangeQuery, ID)
    visit = request_view(core, caller.account_id, _reference(one(request, ID))).appointment
    if visit is None:
        raise IllegalMoveError("request", AppointmentState.CONFIRMED)
    keep = confirm_hold if visit.held else confirm
    keep(core, account_id=caller.account_id, reference=visit.reference)


def remove(request: Request, core: CoreDep, caller: Caller) -> None:
    """Give an appointment up, or take a request back; a place goes to a later draw."""
    only(request, ID)
    reference = _reference(one(request, ID))
    visit = request_view(core, caller.account_id, reference).appointment
    if visit is not None and visit.state in LIVE_APPOINTMENT_STATES:
        cancel(core, account_id=caller.account_id, reference=visit.reference)
    else:
        withdraw(core, account_id=caller.account_id, reference=reference)


def appointments(request: Request, core: CoreDep, caller: Caller) -> list[dict[str, Any]]:
    """List the account's requests and appointments, newest first."""
    asked = read(request, AppointmentQuery)
    names = wanted(asked.appointment_details_required, DETAILS, "appointment_details_required")
    one = asked.appointment_filter
    reference = _reference(one.appointment_id) if one.appointment_id else None
    first, last = moment(one.first, "appointment_filter.from"), moment(one.last, "appointment_filter.to")
    found = [
        line
        for line in list_requests(core, caller.account_id)
        if reference in {None, line.reference}
        and one.status in {None, _status(line)}
        and _is_between(line.starts_at, first, last)
    ]
    person = member_id(one.participant_id) if one.participant_id else None
    people = people_of_requests(core, caller.account_id)
    return [
        {ID: line.reference, "details": _details(line, people.get(line.reference, []), names)}
        for line in found
        if person is None or person in people.get(line.reference, [])
    ]


def _reference(text: str) -> str:
    """Read an appointment's id; a mistyped one is one that does not exist. Raises NotFoundError."""
    try:
        return read_reference(text)
    except FieldError:
        raise NotFoundError from None


def _wish(core: Core, events: list[Event], person: int) -> Wish:
    """Say what is wished in our words: any day and any time of day, for GovStack has no words for others."""
    first = events[0]
    if any(event.service != first.service for event in events) or (len(events) > 1 and any(e.slot for e in events)):
        raise FieldError(f"{QUERY}.appointment_details.event_ids", "too_many")
    slot = first.slot
    if slot and core.read_older(lambda session: office_of_slot(session, slot)) != first.office:
        raise NotFoundError
    return Wish(
        service=first.service,
        people=(person,),
        offices=() if first.slot else tuple(event.office for event in events),
        bands=frozenset() if first.slot else frozenset(band.code for band in core.pack.country.bands),
        door=find_office(core, first.office).door,
    )


def _made(events: list[Event], reference: str, state: RequestState) -> str:
    named = ";".join(map(str, events))
    return f"[Event_id:{named},appointment_id:{reference},status:{state.value}]"


def _status(line: RequestLine) -> str:
    """Return how it stands: where there is a place that somebody was given, how the appointment does."""
    placed = line.state in _PLACED and line.appointment_state is not None
    return (line.appointment_state if placed and line.appointment_state else line.state).value


def _details(line: RequestLine, people: list[int], names: tuple[str, ...]) -> dict[str, Any]:
    details: dict[str, Any] = {"exclusive": True, "participant_type": SUBSCRIBER, "status": _status(line)}
    details["participant_id"] = ",".join(map(str, people))
    details["event_details"] = {"category": line.service.code} | (
        {"host_entity_id": line.office.code, "from": written(line.starts_at)} if line.office and line.starts_at else {}
    )
    return {name: value for name, value in details.items() if name in names}


def _is_between(starts_at: datetime | None, first: datetime | None, last: datetime | None) -> bool:
    if starts_at is None:
        return first is None and last is None
    return (first is None or starts_at >= first) and (last is None or starts_at < last)
