"""What a helper does for a person after asking, as long as the consent lasts: a check, the confirmation."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core import Core
from booking.errors import NotFoundError
from booking.helper_states import ConsentState
from booking.helping.errors import ConsentMissingError
from booking.helping.known import active_helper, consent_of
from booking.models import Appointment, Request
from booking.origin import Origin
from booking.services import respond
from booking.services.review import answer_challenge
from booking.services.send_challenge import send_challenge


def send_check(core: Core, *, by: UUID, consent_id: UUID, origin: Origin) -> None:
    """Send the code of a challenged request to the person.

    Raises
    ------
    ConsentMissingError, HelperSuspendedError, NotFoundError, ForbiddenError
        The consent is over, was not used yet or is none of the helper's; the helper may not now.
    TooManyCodesError, IllegalMoveError
        As for `booking.services.send_challenge.send_challenge`.
    """
    account_id, reference, _ = _request(core, by, consent_id)
    send_challenge(core, account_id=account_id, reference=reference, origin=Origin(origin.network, ""))


def answer_check(core: Core, *, by: UUID, consent_id: UUID, code: str) -> None:
    """Answer the check with the code that the person got; raises as `send_check`, and WrongCodeError."""
    account_id, reference, _ = _request(core, by, consent_id)
    answer_challenge(core, account_id=account_id, reference=reference, code=code)


def confirm(core: Core, *, by: UUID, consent_id: UUID) -> None:
    """Confirm the offered appointment for the person.

    Raises
    ------
    OfferLapsedError, PrerequisiteMissingError, IllegalMoveError
        As for `booking.services.respond.confirm`. Else as `send_check`.
    """
    account_id, _, appointment = _request(core, by, consent_id)
    if appointment is None:
        raise NotFoundError
    respond.confirm(core, account_id=account_id, reference=appointment)


def _request(core: Core, by: UUID, consent_id: UUID) -> tuple[UUID, str, str | None]:
    """Give the owner and the reference of the request that the consent was used for, and of its last appointment."""
    with core.sessions() as session:
        helper = active_helper(session, by)
        consent = consent_of(session, helper, consent_id)
        if consent.state is not ConsentState.USED or consent.is_over(core.clock.now()):
            raise ConsentMissingError
        request = session.scalars(select(Request).where(Request.id == consent.request_id)).one()
        return request.account_id, request.reference, _appointment(session, request.id)


def _appointment(session: Session, request_id: UUID) -> str | None:
    return session.scalar(
        select(Appointment.reference)
        .where(Appointment.request_id == request_id)
        .order_by(Appointment.created_at.desc())
        .limit(1)
    )
