"""What an account asked for a person ends when another account proves that the person is theirs."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.places.rows import give_back
from booking.platform.models import Appointment, Request, RequestMember
from booking.platform.models.states import LIVE_REQUEST_STATES, AppointmentState, RequestState
from booking.scheduling.requests.rows import answer_end

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
