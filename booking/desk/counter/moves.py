"""Move one party because its office closes: to a planned seat, or into the next draw; and let it refuse."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.places.rows import give_back, take
from booking.desk.counter.errors import PlanOutdatedError
from booking.platform.base.drawing_agreed import LATEST_CONFIRMATION
from booking.platform.base.errors import IllegalMoveError, OfferLapsedError, SlotFullError
from booking.platform.models import Appointment, AppointmentMove, AppointmentPlaces, Closure, Slot
from booking.platform.models.states import HOLDS, AppointmentState, Pool, RequestState
from booking.scheduling.appointments.expire import SHORTEST_OFFER, into_next_draw
from booking.scheduling.requests.rows import answer_end, locked_appointment


def move_to_seat(
    session: Session, core: Core, appointment: Appointment, closure: Closure, seat: dict[str, Any]
) -> None:
    """Give a locked appointment, whose own places are given back already, the planned seat; its people are told.

    It keeps its reference, its pass and its state. An offer gets a new time to confirm.

    Raises
    ------
    PlanOutdatedError
        A place of the seat is gone, or it begins so soon that there is no time left to answer.
    """
    now, pool = core.clock.now(), Pool(seat["pool"])
    try:
        for slot_id, units in sorted(seat["slots"]):
            take(session, slot_id, pool, units)
    except SlotFullError as error:
        raise PlanOutdatedError from error
    slots = session.scalars(
        select(Slot).where(Slot.id.in_([slot_id for slot_id, _ in seat["slots"]])).order_by(Slot.starts_at)
    ).all()
    last = slots[0].starts_at - LATEST_CONFIRMATION
    if last < now + SHORTEST_OFFER:  # a plan that waited for days
        raise PlanOutdatedError
    refuse_by = min(now + core.settings.confirm_within, last)
    session.add(
        _history(appointment, closure, now, to_office=slots[0].office_id, to=slots[0].starts_at, refuse_by=refuse_by)
    )
    appointment.office_id = slots[0].office_id
    appointment.starts_at, appointment.ends_at = slots[0].starts_at, slots[-1].ends_at
    appointment.reminded_at = appointment.reminded_early_at = None
    if appointment.state is AppointmentState.OFFERED:
        appointment.confirm_by = refuse_by
    appointment.places.clear()
    session.flush()
    appointment.places.extend(
        AppointmentPlaces(slot_id=slot_id, pool=pool, places=units) for slot_id, units in seat["slots"]
    )
    tell(session, core, appointment.request.account_id, "moved_by_office", reference=appointment.reference)


def displace(session: Session, core: Core, appointment: Appointment, closure: Closure) -> None:
    """End a locked appointment, whose places are given back already, and put its people into the next draw.

    A hold that nobody confirmed yet just ends: nobody was promised anything.
    """
    session.add(_history(appointment, closure, core.clock.now()))
    _into_next_draw(session, core, appointment)


def refuse_move(core: Core, *, account_id: UUID, reference: str) -> str:
    """Refuse a new place: the people go into the next draw, with the priority of one more lost draw.

    Returns the reference of the new request.

    Raises
    ------
    OfferLapsedError
        The time to refuse is over; the appointment can still be cancelled.
    NotFoundError
        The account has no such appointment.
    IllegalMoveError
        Nothing was moved, the move was refused before or cannot be refused, or the appointment is over.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        appointment = locked_appointment(session, reference, account_id=account_id, asked_again=True)
        move = session.scalars(
            select(AppointmentMove)
            .where(AppointmentMove.appointment_id == appointment.id)
            .order_by(AppointmentMove.made_at.desc())
            .limit(1)
        ).one_or_none()
        if move is None or move.refuse_by is None or move.refused_at is not None:
            raise IllegalMoveError(appointment.state, AppointmentState.CANCELLED)
        if now >= move.refuse_by:
            raise OfferLapsedError
        move.refused_at = now
        give_back(session, appointment)
        return _into_next_draw(session, core, appointment)


def _into_next_draw(session: Session, core: Core, appointment: Appointment) -> str:
    request = appointment.request
    if request.state not in HOLDS:
        return into_next_draw(session, core, appointment)
    appointment.cancel_without_outcome(core.clock.now())
    answer_end(session, core, request.id, RequestState.WITHDRAWN)
    request.move_to(RequestState.LAPSED)
    tell(session, core, request.account_id, "hold_displaced", reference=appointment.reference)
    return request.reference


def _history(
    appointment: Appointment,
    closure: Closure,
    now: datetime,
    *,
    to_office: int | None = None,
    to: datetime | None = None,
    refuse_by: datetime | None = None,
) -> AppointmentMove:
    return AppointmentMove(
        closure_id=closure.id,
        appointment_id=appointment.id,
        from_office_id=appointment.office_id,
        from_starts_at=appointment.starts_at,
        to_office_id=to_office,
        to_starts_at=to,
        made_at=now,
        refuse_by=refuse_by,
    )
