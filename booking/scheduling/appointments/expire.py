"""What time ends: offers nobody confirmed, holds, challenges nobody answered; and reminders before the day."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell, was_told
from booking.country.places.rows import free_again, give_back
from booking.platform.models import Appointment, Draw, Request, RequestMember, is_challenged
from booking.platform.models.states import (
    HOLDS,
    LIVE_APPOINTMENT_STATES,
    LIVE_REQUEST_STATES,
    AppointmentState,
    RequestState,
)
from booking.scheduling.requests.new_rows import asked_again
from booking.scheduling.requests.rows import CHALLENGE_LIFETIME, answer_end, take_turns_again
from booking.scheduling.requests.withdraw import keep_given_up


def into_next_draw(session: Session, core: Core, appointment: Appointment) -> str:
    """End a locked appointment, whose places are given back already, and ask the same again as one more lost draw.

    It says nothing about its people, so no outcome is kept. They are told. Return the reference of the new request.
    """
    request = appointment.request
    appointment.cancel_without_outcome(core.clock.now())
    answer_end(session, core, request.id, RequestState.WITHDRAWN)
    again = asked_again(session, core, request, displaced=True)
    session.add(again)
    notice = "displaced" if appointment.urgent_request_id is None else "displaced_urgent"
    tell(session, core, request.account_id, notice, reference=again.reference)
    return again.reference


REMIND_BEFORE: Final = timedelta(days=2)
SHORTEST_OFFER: Final = timedelta(hours=6)
"""Of the twelve that a draw leaves when it closes. A shorter offer came too late to be answered."""
BATCH: Final = 200


def lapse_offers(core: Core) -> int:
    """End every offer and hold whose time to confirm is over; return how many.

    The places of an offer go to a later draw. So do its people, with the priority of one more lost draw, where a draw
    was so late that they had less than `SHORTEST_OFFER` to confirm, or none. Where no gateway took a notice in time,
    nothing is kept against its people. Each batch is a transaction; rows that someone works on wait for the next run.
    """
    ended = 0
    while True:
        with core.sessions.begin() as session:
            overdue = _overdue_offers(session, core.clock.now())
            for appointment in overdue:
                _lapse(session, core, appointment)
        ended += len(overdue)
        if len(overdue) < BATCH:
            return ended


def lapse_challenges(core: Core) -> int:
    """End requests whose challenge was not answered in three days; return how many.

    That of an instant booking ends with its place (`lapse_offers`).
    """
    keeps_place = select(Appointment.id).where(
        Appointment.request_id == Request.id, Appointment.state.in_(LIVE_APPOINTMENT_STATES)
    )
    with core.sessions.begin() as session:
        silent = session.scalars(
            select(Request)
            .where(
                is_challenged(),
                func.coalesce(Request.decided_at, Request.created_at) < core.clock.now() - CHALLENGE_LIFETIME,
                ~keeps_place.exists(),
            )
            .with_for_update(of=Request, skip_locked=True)
        ).all()
        for request in silent:
            answer_end(session, core, request.id, RequestState.LAPSED)
            request.move_to(RequestState.LAPSED)
            tell(session, core, request.account_id, "request_lapsed", reference=request.reference)
        keep_given_up(session, [request.id for request in silent if request.reschedules], core.clock.now())
    return len(silent)


def remind(core: Core) -> int:
    """Remind of confirmed appointments within two days, once each; return how many."""
    now = core.clock.now()
    with core.sessions.begin() as session:
        soon = session.scalars(
            select(Appointment)
            .where(
                Appointment.state == AppointmentState.CONFIRMED,
                Appointment.reminded_at.is_(None),
                Appointment.starts_at > now,
                Appointment.starts_at <= now + REMIND_BEFORE,
            )
            .with_for_update(of=Appointment, skip_locked=True)
        ).all()
        for appointment in soon:
            appointment.reminded_at = now
            tell(session, core, appointment.request.account_id, "reminder", reference=appointment.reference)
    return len(soon)


def _overdue_offers(session: Session, now: datetime) -> list[Appointment]:
    """Lock requests before appointments, in the order that answering locks them; some may be asked again."""
    overdue = Appointment.state == AppointmentState.OFFERED, Appointment.confirm_by <= now
    of_requests = select(Request.id).join(Appointment, Appointment.request_id == Request.id).where(*overdue)
    several = session.scalars(of_requests.where(Request.service_count > 1).order_by(Request.id).limit(BATCH)).all()
    take_turns_again(session, several)
    ids = session.scalars(
        of_requests.where(or_(Request.service_count == 1, Request.id.in_(several)))
        .order_by(Request.id)
        .limit(BATCH)
        .with_for_update(of=Request, skip_locked=True)
    ).all()
    return list(
        session.scalars(
            select(Appointment).where(Appointment.request_id.in_(ids), *overdue).with_for_update(of=Appointment)
        )
    )


def _lapse(session: Session, core: Core, appointment: Appointment) -> None:
    request = appointment.request
    if _came_too_late(session, appointment):
        give_back(session, appointment)
        into_next_draw(session, core, appointment)
        return
    if _was_heard_of(session, appointment):
        appointment.end(AppointmentState.LAPSED, core.clock.now())
        if request.reschedules:
            keep_given_up(session, [request.id], core.clock.now())
    else:
        appointment.lapse_unknown(core.clock.now())
    if request.state in HOLDS:
        free_again(session, appointment)
    else:
        give_back(session, appointment)
        tell(session, core, request.account_id, "offer_lapsed", reference=appointment.reference)
        answer_end(session, core, request.id, RequestState.LAPSED)
    request.move_to(RequestState.LAPSED)


def _was_heard_of(session: Session, appointment: Appointment) -> bool:
    """Return whether its account knew in time: it took the place itself, or a notice of place or turn went out."""
    if appointment.draw_id is None:
        return True
    request, since, until = appointment.request, appointment.created_at, appointment.confirm_by
    references = (appointment.reference, request.reference)
    return was_told(session, request.account_id, references, since=since, until=until)


def _came_too_late(session: Session, appointment: Appointment) -> bool:
    """Return whether a draw left no time to answer its offer, or less than it was to leave."""
    if appointment.draw_id is None:
        return False
    within = timedelta(seconds=session.get_one(Draw, appointment.draw_id).confirm_seconds)
    return appointment.confirm_by - appointment.created_at < min(SHORTEST_OFFER, within)


_CAN_END = (AppointmentState.OFFERED, AppointmentState.CONFIRMED)


def end_requests_of_claim(session: Session, core: Core, account_id: UUID, person_id: UUID) -> None:
    """Let the account's live requests with the person lapse, each with a notice; their places are free again.

    Locked in the order in which draws lock them. A draw that closed meanwhile leaves their places free. One whose
    people are at the counter already, or should be by now, ends there.
    """
    requests = session.scalars(
        select(Request)
        .where(
            Request.account_id == account_id,
            Request.state.in_(LIVE_REQUEST_STATES),  # as it is once locked; members are read before
            Request.members.any((RequestMember.person_id == person_id) & RequestMember.live),
        )
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    for request in requests:
        if _give_places_back(session, core, request):
            answer_end(session, core, request.id, RequestState.LAPSED)
            request.move_to(RequestState.LAPSED)
            session.flush()
            tell(session, core, account_id, "request_claim_ended", reference=request.reference)


def _give_places_back(session: Session, core: Core, request: Request) -> bool:
    """End the appointment of a locked request, if it has one; return False where it is too late for that."""
    appointment = session.scalar(
        select(Appointment)
        .where(
            Appointment.request_id == request.id,
            Appointment.state.in_((*_CAN_END, AppointmentState.CHECKED_IN)),
        )
        .with_for_update(of=Appointment)
    )
    if appointment is None:
        return True
    now = core.clock.now()
    if appointment.state not in _CAN_END or now >= appointment.starts_at:
        return False
    appointment.cancel_without_outcome(now)
    give_back(session, appointment)
    return True
