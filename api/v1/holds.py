"""Instant booking: hold a place for some minutes, then confirm it."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.appointment_values import AppointmentOut, appointment_out
from api.v1.calls.guards import Caller, ProgramOrigin, StoredReference
from api.v1.calls.limits import MeteredDep
from api.v1.calls.once import Created, IdempotencyKey, alone, created
from api.v1.calls.refusals import CREATES, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import Code, DoorWord, Id, In, Out
from api.v1.wish_values import AlsoIn
from booking.country.core.register import RegisterAwayError
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import (
    AlreadyLiveError,
    FieldError,
    HoldExpiredError,
    IllegalMoveError,
    NotBookableError,
    NotFoundError,
    PhoneNotConfirmedError,
    PolicyMissingError,
    ReviewNeededError,
    SlotFullError,
    TooManyHoldsError,
    VerdictError,
)
from booking.platform.models.states import Door, RequestState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.requests.views import appointment_view
from booking.scheduling.requests.wish import Also, Wish

router = APIRouter(prefix="/holds", tags=["instant booking"])


class HoldIn(In):
    """A place to hold: a slot of GET /instant-slots, for people of the household."""

    slot: Id
    service: Code
    door: DoorWord = "home"
    people: list[Id] = Field(max_length=20, description="Ids of household members, who come together.")
    accessible: bool = False
    reason: Code | None = None
    also: list[AlsoIn] = Field(
        default=[], max_length=10, description="More services on the same visit: all of it is held, or nothing."
    )

    def wish(self) -> Wish:
        """Return what is wished; the slot names office and day."""
        return Wish(
            service=self.service,
            people=tuple(self.people),
            offices=(),
            bands=frozenset(),
            door=Door(self.door),
            accessible=self.accessible,
            reason=self.reason,
            also=tuple(Also(one.service, tuple(one.people), one.reason) for one in self.also),
        )


class HoldOut(Out):
    """A place that is kept until ``expires_at``; ``reference`` is the appointment's, ``request`` its request's.

    ``state``: *held* waits for its confirmation; *challenged* needs a check first (``/requests/{request}/challenge``).
    """

    reference: str
    request: str
    state: RequestState
    starts_at: datetime
    expires_at: datetime


@router.post(
    "",
    status_code=201,
    response_model=HoldOut,
    responses=refusals(
        *SIGNED_IN,
        *CREATES,
        IdentityLevelError,
        RegisterAwayError,
        AlreadyLiveError,
        NotBookableError,
        PhoneNotConfirmedError,
        PolicyMissingError,
        ReviewNeededError,
        SlotFullError,
        TooManyHoldsError,
        VerdictError,
        NotFoundError,
    ),
)
def create(body: HoldIn, key: IdempotencyKey, meter: MeteredDep, caller: Caller, origin: ProgramOrigin) -> Response:
    """Hold a place for the whole party; confirm it before it expires, after its check where one is asked for."""
    with alone(meter.core, f"hold:{caller.account_id}", key):
        held = hold(
            meter.core,
            account_id=caller.account_id,
            slot_id=body.slot,
            wish=body.wish(),
            origin=origin,
            idempotency_key=key,
        )
    answer = HoldOut.model_validate(held).model_dump(mode="json")
    response = created(Created(answer, f"/api/v1/appointments/{held.reference}"), replayed=held.replayed)
    meter.show(response)
    return response


@router.post(
    "/{reference}/confirmation",
    responses=refusals(*SIGNED_IN, *NO_BODY, FieldError, NotFoundError, HoldExpiredError, IllegalMoveError),
)
def keep(reference: StoredReference, core: CoreDep, caller: Caller) -> AppointmentOut:
    """Turn a hold into an appointment. Confirming twice is the same as once."""
    confirm_hold(core, account_id=caller.account_id, reference=reference)
    return appointment_out(appointment_view(core, caller.account_id, reference))
