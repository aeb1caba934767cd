"""When an office's day is over: tickets that nobody called lapse, and visits that nobody ended come to an end.

Nobody is counted as missing for either: anyone who checked in or took a ticket was there.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.own_cases import refuse_own_request
from booking.country.core.permissions import Permission, require
from booking.platform.base.errors import IllegalMoveError
from booking.platform.models import Account, Appointment, Office, Request, Slot, WalkIn
from booking.platform.models.states import AppointmentState, RequestState, WalkInState
from booking.scheduling.requests.new_rows import asked_again
from booking.scheduling.requests.rows import locked_appointment

BATCH: Final = 200
LONGEST_OPEN: Final = timedelta(days=14)
"""How long after it began a visit ends even where the office had no later day of work."""


def leave_unserved(core: Core, *, officer_id: UUID, reference: str) -> str:
    """Keep that a party was here and the office did not serve it: it is in the next draw, with priority.

    Returns the reference of the new request.

    Raises
    ------
    OwnCaseError
        The party is of the officer's own person, household or phone.
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        The party did not check in, or was served.
    """
    with core.sessions.begin() as session:
        owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
        appointment = locked_appointment(session, reference, asked_again=True)
        refuse_own_request(session, officer_id, appointment.request_id)
        if appointment.state is not AppointmentState.CHECKED_IN:
            raise IllegalMoveError(appointment.state, AppointmentState.UNSERVED)
        appointment.leave_unserved(core.clock.now())
        request = appointment.request
        again = asked_again(session, core, request, displaced=True)
        session.add(again)
        audit.record(session, core, officer, "appointment.unserved", reference)
        tell(session, core, request.account_id, "left_unserved", reference=again.reference)
        return again.reference


def end_open_visits(core: Core) -> int:
    """End the visits of which nobody said anything until the office's next day of work was over; return how many.

    Whether these people were served is not known, so they are told that they may ask again, and nothing is held
    against them. Each batch is a transaction; what somebody works on is left for the next run.
    """
    ended = 0
    while True:
        with core.sessions.begin() as session:
            left = _left_open(session, core)
            for appointment in left:
                appointment.leave_unserved(core.clock.now())
                appointment.request.move_to(RequestState.LAPSED)
                account_id = appointment.request.account_id
                tell(session, core, account_id, "visit_left_open", reference=appointment.reference)
        ended += len(left)
        if len(left) < BATCH:
            return ended


def lapse_tickets(core: Core) -> int:
    """Let the open tickets of office-days that are over lapse; return how many. Repeating it is harmless."""
    now = core.clock.now()
    goes_on = exists().where(Slot.office_id == WalkIn.office_id, Slot.local_day == WalkIn.local_day, Slot.ends_at > now)
    with core.sessions.begin() as session:
        lapsed = session.execute(
            update(WalkIn)
            .where(WalkIn.state.in_([WalkInState.WAITING, WalkInState.CALLED]), WalkIn.arrived_at < now, ~goes_on)
            .values(state=WalkInState.LAPSED, ended_at=now)
            .returning(WalkIn.id)
            .execution_options(synchronize_session=False)
        ).all()
        return len(lapsed)


def _left_open(session: Session, core: Core) -> list[Appointment]:
    """Lock requests before appointments, in the order that citizens' answers lock them."""
    now = core.clock.now()
    later, same_day = aliased(Slot), aliased(Slot)
    day = func.date(func.timezone(Office.time_zone, Appointment.starts_at))
    day_goes_on = exists().where(
        same_day.office_id == later.office_id, same_day.local_day == later.local_day, same_day.ends_at > now
    )
    next_day_is_over = exists().where(
        later.office_id == Appointment.office_id, later.local_day > day, later.ends_at <= now, ~day_goes_on
    )
    over: ColumnElement[bool] = (Appointment.state == AppointmentState.CHECKED_IN) & (Appointment.ends_at <= now)
    ids = session.scalars(
        select(Request.id)
        .join(Appointment, Appointment.request_id == Request.id)
        .join(Office, Office.id == Appointment.office_id)
        .where(over, next_day_is_over | (Appointment.ends_at <= now - LONGEST_OPEN))
        .order_by(Request.id)
        .limit(BATCH)
        .with_for_update(of=Request, skip_locked=True)
    ).all()
    return list(
        session.scalars(
            select(Appointment).where(Appointment.request_id.in_(ids), over).with_for_update(of=Appointment)
        )
    )
