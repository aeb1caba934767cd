"""Withdraw a request that waits."""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.platform.base.errors import IllegalMoveError
from booking.platform.models.states import RequestState
from booking.scheduling.requests.given_up import keep_given_up
from booking.scheduling.requests.rows import answer_end, locked_hold, locked_request, refuse_during_draw


def withdraw(core: Core, *, account_id: UUID, reference: str) -> None:
    """Take a waiting request back; its people may ask again at once.

    Raises
    ------
    NotFoundError
        The account has no such request.
    DrawRunningError
        A closed draw counts on it; its result can be declined in a few minutes.
    IllegalMoveError
        It is over, or an appointment exists (which is cancelled instead).
    """
    with core.sessions.begin() as session:
        withdraw_in(session, core, account_id=account_id, reference=reference)
        tell(session, core, account_id, "request_withdrawn", reference=reference)


def withdraw_in(session: Session, core: Core, *, account_id: UUID, reference: str) -> None:
    """Do what `withdraw` does in the caller's transaction, without telling the person."""
    request = locked_request(session, reference, account_id=account_id)
    refuse_during_draw(session, request)
    checked_hold = request.state is RequestState.CHALLENGED and locked_hold(session, request) is not None
    if checked_hold or request.state in {RequestState.DRAWN, RequestState.HELD}:
        raise IllegalMoveError(request.state, RequestState.WITHDRAWN)
    request.move_to(RequestState.WITHDRAWN)
    if request.reschedules:
        keep_given_up(session, [request.id], core.clock.now())
    answer_end(session, core, request.id, RequestState.WITHDRAWN)
