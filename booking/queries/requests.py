"""Find one request or appointment of an account, locked for a change or not."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.errors import DrawRunningError, NotFoundError
from booking.models import Appointment, Draw, Request
from booking.states import WAITING_FOR_DRAW, DrawState


def locked_request(session: Session, reference: str, *, account_id: UUID | None = None) -> Request:
    """Give a request, locked until commit; someone else's is as unknown as none. Raises NotFoundError."""
    statement = select(Request).where(Request.reference == reference).with_for_update(of=Request)
    if account_id is not None:
        statement = statement.where(Request.account_id == account_id)
    request = session.scalars(statement).one_or_none()
    if request is None:
        raise NotFoundError
    return request


def locked_appointment(session: Session, reference: str, *, account_id: UUID | None = None) -> Appointment:
    """Give an appointment, its request locked first and then itself.

    With ``account_id`` someone else's is as unknown as none. Raises NotFoundError.
    """
    statement = (
        select(Appointment.request_id)
        .join(Request, Request.id == Appointment.request_id)
        .where(Appointment.reference == reference)
    )
    request_id = session.scalar(statement if account_id is None else statement.where(Request.account_id == account_id))
    if request_id is None:
        raise NotFoundError
    session.scalars(select(Request).where(Request.id == request_id).with_for_update(of=Request)).one()
    return session.scalars(
        select(Appointment).where(Appointment.reference == reference).with_for_update(of=Appointment)
    ).one()


def refuse_during_draw(session: Session, request: Request) -> None:
    """Raise DrawRunningError when a closed draw counts on this request."""
    if request.draw_id is None or request.state not in WAITING_FOR_DRAW:
        return
    state = session.scalar(select(Draw.state).where(Draw.id == request.draw_id))
    if state is DrawState.CLOSED:
        raise DrawRunningError
