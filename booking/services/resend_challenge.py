"""Send the code of a challenged request once more."""

from uuid import UUID

from booking.attempts import charge
from booking.core import Core
from booking.errors import IllegalMoveError
from booking.models import Account
from booking.origin import Origin
from booking.queries.requests import locked_request
from booking.services.codes import Purpose, issue_code
from booking.states import RequestState


def resend_challenge(core: Core, *, account_id: UUID, reference: str, origin: Origin) -> None:
    """Send a new code for a challenged request; the one before stops working.

    Raises
    ------
    TooManyAttemptsError
        Too many codes for this account, phone, device or network.
    NotFoundError, IllegalMoveError
        There is no such request, or it waits for no code.
    """
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
    charge(core, "code", origin.subjects(account=str(account_id), phone=account.phone_hash.hex()))
    with core.sessions.begin() as session:
        request = locked_request(session, reference, account_id=account_id)
        if request.state is not RequestState.CHALLENGED:
            raise IllegalMoveError(request.state, RequestState.CHALLENGED)
        issue_code(session, core, account_id=account_id, purpose=Purpose.CHALLENGE, subject=reference)
