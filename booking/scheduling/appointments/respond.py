"""Answer an offered appointment: confirm it in time, cancel it, or move to a later draw."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.places.rows import give_back
from booking.platform.base.errors import DrawRunningError, IllegalMoveError, TooLateToCancelError, TooManyMovesError
from booking.platform.models import Appointment, Draw, is_being_closed
from booking.platform.models.states import HOLDS, AppointmentState, RequestState
from booking.scheduling.requests.new_rows import asked_again
from booking.scheduling.requests.rows import answer_end, locked_appointment
from booking.scheduling.requests.views import AppointmentView
from booking.scheduling.requests.wish_again import check_appointment, is_of_its_place_alone
from booking.scheduling.requests.withdraw import keep_given_up

MOST_MOVES: Final = 2
LATEST_MOVE: Final = timedelta(hours=24)


def confirm(core: Core, *, account_id: UUID, reference: str) -> None:
    """Keep the offered place. Confirming twice is the same as once.

    Raises
    ------
    OfferLapsedError
        The time to confirm is over.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there on the day; the offer stands until its time is over.
    NotFoundError
        The account has no such appointment.
    IllegalMoveError
        The appointment is not on offer any more, or it is an instant booking: see
        `booking.scheduling.appointments.reserve`.
    """
    with core.sessions.begin() as session:
        confirm_and_tell_in(session, core, account_id=account_id, reference=reference)


def confirm_and_tell_in(session: Session, core: Core, *, account_id: UUID, reference: str) -> bool:
    """Do what `confirm` does in the caller's transaction, and tell the person; return False where it was done before.

    Raises
    ------
    OfferLapsedError
        The time to confirm is over.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there on the day; the offer stands until its time is over.
    NotFoundError
        The account has no such appointment.
    IllegalMoveError
        The appointment is not on offer any more, or it is an instant booking.
    """
    confirmed = confirm_in(session, core, account_id=account_id, reference=reference)
    if confirmed:
        tell(session, core, account_id, "appointment_confirmed", reference=reference)
    return confirmed


def confirm_in(session: Session, core: Core, *, account_id: UUID, reference: str) -> bool:
    """Do what `confirm` does in the caller's transaction, telling nobody; return False where it was done before."""
    appointment = locked_appointment(session, reference, account_id=account_id)
    if appointment.state is AppointmentState.CONFIRMED:
        return False
    _refuse_hold(appointment)
    appointment.confirm(core.clock.now())
    check_appointment(session, core, appointment)
    return True


def cancel(core: Core, *, account_id: UUID, reference: str) -> None:
    """Give the appointment up; its places go to a later draw.

    Raises
    ------
    TooLateToCancelError
        The appointment has begun.
    NotFoundError
        The account has no such appointment.
    IllegalMoveError
        It is over, or its people checked in.
    """
    with core.sessions.begin() as session:
        cancel_in(session, core, account_id=account_id, reference=reference)
        tell(session, core, account_id, "appointment_cancelled", reference=reference)


def cancel_in(session: Session, core: Core, *, account_id: UUID, reference: str) -> None:
    """Do what `cancel` does in the caller's transaction, without telling the person."""
    appointment = locked_appointment(session, reference, account_id=account_id)
    now = core.clock.now()
    if now >= appointment.starts_at:
        raise TooLateToCancelError
    appointment.end(AppointmentState.CANCELLED, now)
    if appointment.request.reschedules:
        keep_given_up(session, [appointment.request_id], now)
    _free(session, core, appointment)
    appointment.request.move_to(RequestState.WITHDRAWN)


def move(core: Core, *, account_id: UUID, reference: str) -> str:
    """Leave the appointment and ask the same again, with the priority that the first request had.

    Nobody gave its place up as long as that request waits, or where it gets another one and keeps that
    (`booking.scheduling.requests.withdraw`).

    One that was booked at once asks for its day and later ones, where a later draw may not reach the day itself. One
    that was drawn asks for what it asked for, also where its time was changed since.

    Returns the reference of the new request.

    Raises
    ------
    TooManyMovesError
        The request was moved twice already.
    TooLateToCancelError
        Less than a day is left.
    NotFoundError
        The account has no such appointment.
    IllegalMoveError
        It is over, its people checked in, or it is an instant booking that was not confirmed.
    DrawRunningError
        It is an urgent one, and a draw is being closed, which may have read its request while that still waited.
    """
    with core.sessions.begin() as session:
        appointment = locked_appointment(session, reference, account_id=account_id, asked_again=True)
        request = appointment.request
        _refuse_hold(appointment)
        if appointment.urgent_request_id is not None:
            _refuse_while_closing(session)
        if request.reschedules >= MOST_MOVES:
            raise TooManyMovesError(MOST_MOVES)
        if appointment.starts_at - core.clock.now() < LATEST_MOVE:
            raise TooLateToCancelError
        appointment.cancel_without_outcome(core.clock.now())
        _free(session, core, appointment)
        at_once = appointment.draw_id is None and appointment.urgent_request_id is None
        at_once = at_once and is_of_its_place_alone(request)
        again = asked_again(session, core, request, at_once=at_once)
        again.created_at = appointment.ended_at or again.created_at  # by this it is known what was moved
        session.add(again)
        tell(session, core, account_id, "appointment_moved", reference=again.reference)
        return again.reference


def is_movable(core: Core, view: AppointmentView) -> bool:
    """Return whether a later draw can still be chosen instead; what nobody was given yet is let go alone."""
    return not view.held and view.starts_at - core.clock.now() >= LATEST_MOVE


def _refuse_hold(appointment: Appointment) -> None:
    """Leave an instant hold to `appointments.reserve`, which knows its check; raises IllegalMoveError."""
    if appointment.request.state in HOLDS:
        raise IllegalMoveError(appointment.request.state, RequestState.DRAWN)


def _refuse_while_closing(session: Session) -> None:
    """Keep turns where they are until a closing has put them on record: else one turn would count twice.

    Raises
    ------
    DrawRunningError
        A draw is being closed.
    """
    if session.scalar(select(Draw.id).where(is_being_closed()).limit(1)) is not None:
        raise DrawRunningError


def _free(session: Session, core: Core, appointment: Appointment) -> None:
    """Give the places of an appointment that ended back, and let what hangs on its request end."""
    give_back(session, appointment)
    answer_end(session, core, appointment.request_id, RequestState.WITHDRAWN)
