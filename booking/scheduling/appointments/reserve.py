"""Instant booking, where a service has spare capacity: hold a place for some minutes, then confirm it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.idempotency import fingerprint_of, judged_once
from booking.country.core.messages import tell
from booking.country.core.register import RegisterAwayError
from booking.country.core.security import Origin
from booking.country.places.rows import take
from booking.platform.base.errors import (
    FieldError,
    HoldExpiredError,
    InvalidInputError,
    NotBookableError,
    OfferLapsedError,
    ReviewNeededError,
    VerdictError,
)
from booking.platform.base.references import new_reference
from booking.platform.models import Appointment, AppointmentPlaces, Office, Request, Slot
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.unconfirmed_holds import refuse_another_hold
from booking.scheduling.requests.asking.screen import AWAY, REGISTER
from booking.scheduling.requests.judge_wish import judge_wish
from booking.scheduling.requests.keep import New, keep_judged, keep_new_members, one_live_request
from booking.scheduling.requests.new_request import NewRequest
from booking.scheduling.requests.new_rows import new_request
from booking.scheduling.requests.rows import locked_appointment
from booking.scheduling.requests.wish import Wish
from booking.scheduling.requests.wish_again import check_appointment, check_day
from fraud.gate import Decision, Verdict
from fraud.reasons import for_the_person


@dataclass(frozen=True, slots=True)
class Held:
    """A place that is kept until ``expires_at``: ``reference`` is the appointment's, ``request`` its request's.

    ``state`` is that of the request: ``HELD`` can be confirmed, ``CHALLENGED`` needs its check first.
    """

    reference: str
    request: str
    state: RequestState
    starts_at: datetime
    expires_at: datetime
    replayed: bool


class _New(NamedTuple):
    """What was judged and is not stored yet: a request, and the appointment that keeps its place."""

    judged: New
    appointment: Appointment


def hold(
    core: Core, *, account_id: UUID, slot_id: int, wish: Wish, origin: Origin, idempotency_key: str | None = None
) -> Held:
    """Hold places in one slot for the whole party.

    Where the gate asks for a check the places are kept meanwhile, and the request waits for its answer as any other
    (`booking.scheduling.requests.prove`, `booking.scheduling.requests.review.answer_challenge`). No score refuses a
    place.

    Parameters
    ----------
    wish
        Names the service, the people and the door; its office is the slot's, its day the slot's.

    Raises
    ------
    NotBookableError
        There is no such slot in the future, or not through this door.
    booking.country.core.register.RegisterAwayError
        The register does not answer, and no place is given blindly; the draw is open.
    SlotFullError
        Not enough places are left; nothing is taken.
    TooManyHoldsError
        Three holds of this account or phone were not confirmed today.
    ReviewNeededError
        An officer must look at the request first; the draw is open.
    VerdictError
        What the registers or the database hold rules the request out.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there, when asking or on the day.
    InvalidInputError
        Something in the form is unusable; all of it is listed. ``accessible``: the office is not accessible.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on instant bookings is reached, for the account, its people, phone, device or network.
    AlreadyLiveError
        One of the people has a live request or appointment for this kind of service.
    IdempotencyConflictError
        The key came before, with another wish or slot.
    PolicyMissingError
        No quota policy or no rule set is active.
    """

    def judge(session: Session) -> _New:
        slot, office = bookable_slot(session, core, slot_id, wish)
        wanted = wish_for(wish, slot, office)
        checked, screened = judge_wish(session, core, action="hold", account_id=account_id, wish=wanted, origin=origin)
        check_day(session, core, checked.members, checked.errands, door=wanted.door, day=slot.local_day)
        if screened.inputs[REGISTER] == AWAY:
            raise RegisterAwayError
        request = new_request(core, checked, wanted, origin)
        request.move_to(_state_after(screened.verdict))
        return _New(New(request, screened), offered_in(core, request, slot))

    def keep(session: Session, new: _New) -> Held:
        request, now = new.judged.request, new.appointment.created_at
        refuse_another_hold(session, account_id=account_id, phone_hash=request.phone_hash, now=now)
        keep_new_members(session, [request])
        take(session, slot_id, Pool.INSTANT, request.units)
        keep_judged(session, core, [new.judged])
        session.add(new.appointment)
        return _as_held(new.appointment, request, replayed=False)

    with one_live_request():
        return judged_once(
            core,
            account_id=account_id,
            key=idempotency_key,
            fingerprint=fingerprint_of(wish.as_dict() | {"slot": slot_id}),
            judge=judge,
            result=lambda new: new.appointment.reference,
            keep=keep,
            again=_held,
        )


def confirm_hold(core: Core, *, account_id: UUID, reference: str) -> None:
    """Turn a hold into a confirmed appointment. Confirming twice is the same as once.

    Raises
    ------
    HoldExpiredError
        The hold's time is over.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there on the day.
    NotFoundError
        The account has no such appointment.
    IllegalMoveError
        It is not held any more, or its request still waits for its check.
    """
    with core.sessions.begin() as session:
        appointment = locked_appointment(session, reference, account_id=account_id)
        if appointment.state is AppointmentState.CONFIRMED:
            return
        try:
            appointment.confirm(core.clock.now())
        except OfferLapsedError as error:
            raise HoldExpiredError from error
        appointment.request.move_to(RequestState.DRAWN)
        check_appointment(session, core, appointment)
        tell(session, core, account_id, "appointment_confirmed", reference=reference)


def bookable_slot(session: Session, core: Core, slot_id: int, wish: Wish) -> tuple[Slot, Office]:
    """Return a slot in the future that a wish's people could book at once, with its office.

    Raises
    ------
    NotBookableError
        There is no such slot in the future, or not through this door.
    InvalidInputError
        The office is not accessible, which the wish asks for.
    """
    row = session.execute(
        select(Slot, Office)
        .join(Office, Office.id == Slot.office_id)
        .where(Slot.id == slot_id, Slot.starts_at > core.clock.now(), Office.active)
    ).one_or_none()
    if row is None or row.Office.door is not wish.door:
        raise NotBookableError
    if wish.accessible and not row.Office.accessible:
        raise InvalidInputError([FieldError("accessible", "no_accessible_office")])
    return row.Slot, row.Office


def wish_for(wish: Wish, slot: Slot, office: Office) -> Wish:
    """Return the wish whose office is the slot's, and its day and time of day the slot's."""
    day = slot.local_day
    return replace(wish, offices=(office.code,), bands=frozenset({slot.band}), first_day=day, last_day=day)


def offered_in(core: Core, request: NewRequest, slot: Slot) -> Appointment:
    """Make the row of an appointment that keeps places of a slot for a new request until its holder confirms it."""
    now = core.clock.now()
    return Appointment(
        reference=new_reference(),
        request_id=request.id,
        office_id=slot.office_id,
        state=AppointmentState.OFFERED,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        confirm_by=min(now + core.settings.hold_lifetime, slot.starts_at),
        created_at=now,
        places=[AppointmentPlaces(slot_id=slot.id, pool=Pool.INSTANT, places=request.units)],
    )


def _held(session: Session, reference: str) -> Held:
    appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
    return _as_held(appointment, appointment.request, replayed=True)


def _as_held(appointment: Appointment, request: Request | NewRequest, *, replayed: bool) -> Held:
    return Held(
        appointment.reference,
        request.reference,
        request.state,
        appointment.starts_at,
        appointment.confirm_by,
        replayed=replayed,
    )


def _state_after(verdict: Verdict) -> RequestState:
    """Return whether the place can be confirmed or needs a check first; raises ReviewNeededError or VerdictError."""
    if verdict.decision is Decision.ACCEPT:
        return RequestState.HELD
    if verdict.decision is Decision.CHALLENGE:
        return RequestState.CHALLENGED
    reasons = for_the_person(reason.as_dict() for reason in verdict.reasons)
    raise ReviewNeededError(reasons) if verdict.decision is Decision.REVIEW else VerdictError(reasons)
