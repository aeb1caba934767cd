"""The day of the appointment, once someone is here or the time is over: served, or nobody came."""

from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from booking.antifraud.gate.labels import learn
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_request, require
from booking.country.core.messages import tell
from booking.platform.base.errors import IllegalMoveError
from booking.platform.models import Account, Appointment, Office, Request, Slot
from booking.platform.models.states import AppointmentState, LabelKind, RequestState
from booking.scheduling.requests.rows import locked_appointment

BATCH = 200


def serve(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Keep that the party was served; the request is done, and known to be a person's own wish.

    Raises
    ------
    OwnCaseError
        The party is of the officer's own person, household or phone.
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        The party is not checked in.
    """
    with core.sessions.begin() as session:
        officer, appointment = _at_the_counter(session, officer_id, reference)
        appointment.end(AppointmentState.SERVED, core.clock.now())
        appointment.request.move_to(RequestState.COMPLETED)
        _learn(session, core, appointment, officer_id=officer.id, nobody_came=False)
        _record(session, core, officer, appointment)


def miss(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Keep that nobody came; the people are told, and may ask again.

    Raises
    ------
    OwnCaseError
        The party is of the officer's own person, household or phone.
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        The appointment's time is not over, it was not confirmed, or somebody came.
    """
    with core.sessions.begin() as session:
        officer, appointment = _at_the_counter(session, officer_id, reference)
        if core.clock.now() < appointment.ends_at:
            raise IllegalMoveError(appointment.state, AppointmentState.NO_SHOW)
        _miss(session, core, appointment, officer_id=officer.id)
        _record(session, core, officer, appointment)


def miss_after_closing(core: Core) -> int:
    """End the appointments of office-days that are over and to which nobody came; return how many.

    An office-day is over when its last slot is, by the office's own clock. Each batch is a transaction, and what
    somebody works on is left for the next run, so this can be repeated and run beside the counter.
    """
    ended = 0
    while True:
        with core.sessions.begin() as session:
            missed = _missed(session, core)
            for appointment in missed:
                _miss(session, core, appointment, officer_id=None)
        ended += len(missed)
        if len(missed) < BATCH:
            return ended


def _missed(session: Session, core: Core) -> list[Appointment]:
    """Lock requests before appointments, in the order that citizens' answers lock them."""
    now = core.clock.now()
    day = func.date(func.timezone(Office.time_zone, Appointment.starts_at))
    goes_on = exists().where(Slot.office_id == Appointment.office_id, Slot.local_day == day, Slot.ends_at > now)
    over = (Appointment.state == AppointmentState.CONFIRMED) & (Appointment.ends_at <= now)
    ids = session.scalars(
        select(Request.id)
        .join(Appointment, Appointment.request_id == Request.id)
        .join(Office, Office.id == Appointment.office_id)
        .where(over, ~goes_on)
        .order_by(Request.id)
        .limit(BATCH)
        .with_for_update(of=Request, skip_locked=True)
    ).all()
    return list(
        session.scalars(
            select(Appointment).where(Appointment.request_id.in_(ids), over).with_for_update(of=Appointment)
        )
    )


def _miss(session: Session, core: Core, appointment: Appointment, *, officer_id: UUID | None) -> None:
    appointment.end(AppointmentState.NO_SHOW, core.clock.now())
    appointment.request.move_to(RequestState.LAPSED)
    tell(session, core, appointment.request.account_id, "appointment_missed", reference=appointment.reference)
    _learn(session, core, appointment, officer_id=officer_id, nobody_came=True)


def _at_the_counter(session: Session, officer_id: UUID, reference: str) -> tuple[Account, Appointment]:
    owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
    officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
    appointment = locked_appointment(session, reference)
    refuse_own_request(session, officer_id, appointment.request_id)
    return officer, appointment


def _learn(
    session: Session, core: Core, appointment: Appointment, *, officer_id: UUID | None, nobody_came: bool
) -> None:
    learn(
        session,
        core,
        request_id=appointment.request_id,
        kind=LabelKind.ATTENDANCE,
        value=nobody_came,
        source="counter" if officer_id else "closing",
        account_id=officer_id,
    )


def _record(session: Session, core: Core, officer: Account, appointment: Appointment) -> None:
    audit.record(session, core, officer, f"appointment.{appointment.state.value}", appointment.reference)
