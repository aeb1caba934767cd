"""Send the code of a challenged request, at first or once more."""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.sealed import open_phone
from booking.people.accounts.code_limits import charge_code
from booking.people.accounts.codes import Purpose, issue_code
from booking.platform.models import Account
from booking.scheduling.requests.rows import locked_request, require_challenged


def send_challenge(core: Core, *, account_id: UUID, reference: str, origin: Origin) -> None:
    """Send a code for a challenged request; an earlier one stops working.

    Raises
    ------
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all. Nothing was sent, and an
        earlier code still works.
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for a code.
    """
    with core.sessions.begin() as session:
        send_challenge_in(session, core, account_id=account_id, reference=reference, origin=origin)


def send_challenge_in(session: Session, core: Core, *, account_id: UUID, reference: str, origin: Origin) -> None:
    """Do what `send_challenge` does in the caller's transaction.

    Raises
    ------
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all.
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for a code.
    """
    request = locked_request(session, reference, account_id=account_id)
    require_challenged(session, request)
    account = session.get_one(Account, account_id)
    phone, confirmed = open_phone(core.vault, account), account.phone_confirmed_at is not None
    charge_code(core, origin=origin, phone=phone, account=str(account_id), confirmed=confirmed)
    issue_code(session, core, account_id=account_id, purpose=Purpose.CHALLENGE, subject=reference)
