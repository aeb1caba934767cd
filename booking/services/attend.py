"""The day of the appointment: someone comes, is served, or nobody came."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking import audit
from booking.core import Core
from booking.errors import IllegalMoveError
from booking.models import Account, Appointment
from booking.permissions import Permission, require
from booking.queries.requests import locked_appointment
from booking.screening.labels import learn
from booking.states import AppointmentState, LabelKind, RequestState


def check_in(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Keep that the party stands at the door.

    Raises
    ------
    ForbiddenError, NotFoundError, IllegalMoveError
        The account is no officer of this office; unknown; the appointment is not confirmed, or came already.
    """
    with core.sessions.begin() as session:
        officer, appointment = _at_the_counter(session, officer_id, reference)
        appointment.move_to(AppointmentState.CHECKED_IN)
        _record(session, core, officer, appointment)


def serve(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Keep that the party was served; the request is done, and known to be a person's own wish.

    Raises
    ------
    ForbiddenError, NotFoundError, IllegalMoveError
        The account is no officer of this office; unknown; the party did not check in.
    """
    with core.sessions.begin() as session:
        officer, appointment = _at_the_counter(session, officer_id, reference)
        appointment.end(AppointmentState.SERVED, core.clock.now())
        appointment.request.move_to(RequestState.COMPLETED)
        _end(session, core, officer, appointment, nobody_came=False)


def miss(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Keep that nobody came; the people may ask again.

    Raises
    ------
    ForbiddenError, NotFoundError, IllegalMoveError
        The account is no officer of this office; unknown; the appointment is not over, or someone came.
    """
    with core.sessions.begin() as session:
        officer, appointment = _at_the_counter(session, officer_id, reference)
        if core.clock.now() < appointment.ends_at:
            raise IllegalMoveError(appointment.state, AppointmentState.NO_SHOW)
        appointment.end(AppointmentState.NO_SHOW, core.clock.now())
        appointment.request.move_to(RequestState.LAPSED)
        _end(session, core, officer, appointment, nobody_came=True)


def _at_the_counter(session: Session, officer_id: UUID, reference: str) -> tuple[Account, Appointment]:
    owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
    officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
    return officer, locked_appointment(session, reference)


def _end(session: Session, core: Core, officer: Account, appointment: Appointment, *, nobody_came: bool) -> None:
    learn(
        session,
        core,
        request_id=appointment.request_id,
        kind=LabelKind.ATTENDANCE,
        value=nobody_came,
        source="counter",
        account_id=officer.id,
    )
    _record(session, core, officer, appointment)


def _record(session: Session, core: Core, officer: Account, appointment: Appointment) -> None:
    audit.append(
        session,
        at=core.clock.now(),
        actor=officer.username,
        account_id=officer.id,
        action=f"appointment.{appointment.state.value}",
        subject=appointment.reference,
    )
