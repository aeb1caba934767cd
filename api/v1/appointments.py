"""Appointments: see, confirm, cancel, change, move, take along."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.deps import CoreDep, WordsDep
from api.v1.appointment_values import AppointmentOut, appointment_out
from api.v1.calls.guards import Caller, ProgramOrigin, StoredReference
from api.v1.calls.limits import MeteredDep
from api.v1.calls.once import Created, IdempotencyKey, alone, created, once
from api.v1.calls.refusals import CREATES, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import Id, In, Out
from booking.country.core.register import RegisterAwayError
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import (
    AlreadyLiveError,
    DrawRunningError,
    FieldError,
    IdempotencyConflictError,
    IllegalMoveError,
    InvalidInputError,
    NotBookableError,
    NotFoundError,
    OfferLapsedError,
    PhoneNotConfirmedError,
    PolicyMissingError,
    SlotFullError,
    TooLateToCancelError,
    TooManyMovesError,
    VerdictError,
)
from booking.scheduling.appointments.change_time import change_time
from booking.scheduling.appointments.errors import CheckFirstError, NotChangeableError, SameTimeError
from booking.scheduling.appointments.papers import appointment_calendar, appointment_pass
from booking.scheduling.appointments.respond import cancel, confirm, move
from booking.scheduling.requests.views import appointment_view

router = APIRouter(prefix="/appointments/{reference}", tags=["appointments"])

ONE_APPOINTMENT = (*SIGNED_IN, FieldError, NotFoundError)


class MovedOut(Out):
    """The request that asks the same again, with the priority that the first one had."""

    request: str


class ChangeIn(In):
    """Another time: a slot of GET /instant-slots, for the same people and services."""

    slot: Id


class ChangedOut(Out):
    """The appointment that is there instead, confirmed; ``request`` is its request's reference."""

    reference: str
    request: str
    starts_at: datetime


class PassOut(Out):
    """A pass: ``text`` is signed (Ed25519) and stands in the QR code, ``svg`` is the code's image."""

    reference: str
    text: str
    svg: str


@router.get("", responses=refusals(*ONE_APPOINTMENT))
def show(reference: StoredReference, core: CoreDep, caller: Caller) -> AppointmentOut:
    """Show an appointment."""
    return appointment_out(appointment_view(core, caller.account_id, reference))


@router.post("/confirmation", responses=refusals(*ONE_APPOINTMENT, *NO_BODY, OfferLapsedError, IllegalMoveError))
def keep(reference: StoredReference, core: CoreDep, caller: Caller) -> AppointmentOut:
    """Keep the place that a draw offered. Confirming twice is the same as once."""
    confirm(core, account_id=caller.account_id, reference=reference)
    return appointment_out(appointment_view(core, caller.account_id, reference))


@router.post("/cancellation", responses=refusals(*ONE_APPOINTMENT, *NO_BODY, TooLateToCancelError, IllegalMoveError))
def give_up(reference: StoredReference, core: CoreDep, caller: Caller) -> AppointmentOut:
    """Give the appointment up; its place goes to a later draw."""
    cancel(core, account_id=caller.account_id, reference=reference)
    return appointment_out(appointment_view(core, caller.account_id, reference))


@router.post(
    "/change",
    status_code=201,
    response_model=ChangedOut,
    responses=refusals(
        *ONE_APPOINTMENT,
        *CREATES,
        AlreadyLiveError,
        CheckFirstError,
        IdentityLevelError,
        NotBookableError,
        NotChangeableError,
        PhoneNotConfirmedError,
        PolicyMissingError,
        RegisterAwayError,
        SameTimeError,
        SlotFullError,
        TooLateToCancelError,
        TooManyMovesError,
        VerdictError,
    ),
)
def change(
    *,
    reference: StoredReference,
    body: ChangeIn,
    key: IdempotencyKey,
    meter: MeteredDep,
    caller: Caller,
    origin: ProgramOrigin,
) -> Response:
    """Take another free time and give the appointment up for it, in one step; refused, it stays as it is.

    Two changes or moves are possible, until a day before it. The time that is given up goes to a later draw.
    """
    with alone(meter.core, f"change:{caller.account_id}", key):
        changed = change_time(
            meter.core,
            account_id=caller.account_id,
            reference=reference,
            slot_id=body.slot,
            origin=origin,
            idempotency_key=key,
        )
    answer = ChangedOut.model_validate(changed).model_dump(mode="json")
    response = created(Created(answer, f"/api/v1/appointments/{changed.reference}"), replayed=changed.replayed)
    meter.show(response)
    return response


@router.post(
    "/move",
    status_code=201,
    response_model=MovedOut,
    responses=refusals(
        *ONE_APPOINTMENT,
        *NO_BODY,
        InvalidInputError,
        IdempotencyConflictError,
        TooLateToCancelError,
        TooManyMovesError,
        IllegalMoveError,
        DrawRunningError,
    ),
)
def move_on(reference: StoredReference, key: IdempotencyKey, core: CoreDep, caller: Caller) -> Response:
    """Give the appointment up and take part in the next draw with the same wish and priority."""

    def make() -> Created:
        again = move(core, account_id=caller.account_id, reference=reference)
        return Created({"request": again}, f"/api/v1/requests/{again}")

    return once(core, scope=f"move:{caller.account_id}", key=key, content=reference, make=make)


@router.get("/pass", responses=refusals(*ONE_APPOINTMENT))
def show_pass(reference: StoredReference, core: CoreDep, caller: Caller) -> PassOut:
    """Return the pass of a confirmed appointment."""
    return PassOut.model_validate(appointment_pass(core, caller.account_id, reference))


@router.get(
    "/calendar.ics",
    response_class=Response,
    responses=refusals(*ONE_APPOINTMENT) | {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
def calendar(reference: StoredReference, core: CoreDep, caller: Caller, words: WordsDep) -> Response:
    """Return a confirmed appointment as a calendar file (RFC 5545)."""
    content = appointment_calendar(core, caller.account_id, reference, language=words.language.code)
    headers = {"Content-Disposition": f'attachment; filename="{reference}.ics"'}
    return Response(content, 200, headers, "text/calendar; charset=utf-8")
