"""Put right whether anybody came: on the record, without changing what was known before."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.antifraud.gate.labels import learn
from booking.country.catalogue.local_days import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.own_cases import refuse_own_request
from booking.country.core.permissions import Permission, require
from booking.desk.counter.errors import TooLateToCorrectError
from booking.platform.base.errors import FieldError, IllegalMoveError
from booking.platform.models import Account, Appointment, Slot
from booking.platform.models.states import AppointmentState, LabelKind
from booking.scheduling.requests.rows import locked_appointment

LONGEST_REASON: Final = 500


def correct(core: Core, *, officer_id: UUID, reference: str, came: bool, reason: str) -> None:
    """Say that a party came though it was marked as missing, or the reverse.

    Facts that are counted from now on include it; verdicts that were made before are repeated as they were.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of this office.
    OwnCaseError
        The party is of the supervisor's own person, household or phone.
    FieldError
        There is no reason, or one that is too long.
    TooLateToCorrectError
        The office's next open day is over.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        The appointment is not over, did not end as served or missed, or is known to have ended so already.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise FieldError("note", "missing" if not reason else "too_long", max=LONGEST_REASON)
    now = core.clock.now()
    kind = AppointmentState.SERVED if came else AppointmentState.NO_SHOW
    with core.sessions.begin() as session:
        owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
        officer = require(session.get(Account, officer_id), Permission.CORRECT_ATTENDANCE, office_id=owner)
        appointment = locked_appointment(session, reference)
        refuse_own_request(session, officer_id, appointment.request_id)
        if appointment.state is kind:
            raise IllegalMoveError(appointment.state, kind)
        if not correctable(session, appointment, now):
            raise TooLateToCorrectError
        session.add(appointment.correct(at=now, officer_id=officer_id, reason=reason))
        request = appointment.request
        request.attended(came=came)
        learn(
            session,
            core,
            request_id=request.id,
            kind=LabelKind.ATTENDANCE,
            value=not came,
            source="correction",
            account_id=officer_id,
        )
        audit.record(session, core, officer, f"appointment.corrected_to_{kind.value}", reference, reason=reason)
        tell(session, core, request.account_id, "attendance_corrected", reference=reference)


def correctable(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Return whether it is still the day of the appointment, or the office's next open day after it."""
    office = appointment.office
    day, today = local_day(office, appointment.starts_at), local_day(office, now)
    next_open = session.scalar(
        select(func.min(Slot.local_day)).where(Slot.office_id == office.id, Slot.local_day > day)
    )
    return today <= (day if next_open is None else next_open)
