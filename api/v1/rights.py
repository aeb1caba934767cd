"""What people may do about their account and data: close it, open it again, take a copy."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.calls.guards import PROVEN, Caller, ProgramOrigin, ProofIn
from api.v1.calls.refusals import INPUT, SIGNED_IN, refusals
from api.v1.calls.values import In, OneTimeCode, Out, Typed
from booking.desk.rights.close import close_account, reopen_account, send_code
from booking.desk.rights.copy import ask_for_copy, copy_state, fetch_copy
from booking.desk.rights.errors import (
    CopyNotThereError,
    CopyWaitsError,
    NotClosedError,
    StaffAccountError,
    UnderWayError,
)
from booking.people.accounts.errors import AccountClosedError, PhoneAloneError
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.platform.base.errors import TooManyCodesError, WrongCodeError, WrongCredentialsError

router = APIRouter(prefix="/accounts", tags=["accounts"])
CLOSED = (*INPUT, WrongCredentialsError, NotClosedError, AccountClosedError)


class ClosedOut(Out):
    """What ended with the account; ``undecided`` online cases go on, for an officer is deciding them."""

    requests: int
    appointments: int
    online: int
    undecided: int
    consents: int
    clients: int


class CopyOut(Out):
    """The copy that is being made, or can be fetched once until ``until``."""

    asked_at: datetime
    until: datetime | None


class SignInIn(In):
    """User name and password of a closed account."""

    username: Typed
    password: Typed


class ReopeningIn(SignInIn):
    """The same, with the code that was sent to its phone."""

    code: OneTimeCode


@router.post("/me/closing", responses=refusals(*PROVEN, StaffAccountError, UnderWayError))
def close(body: ProofIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> ClosedOut:
    """Close the account: all that runs in it ends, and so do its sessions."""
    return ClosedOut.model_validate(
        close_account(core, account_id=caller.account_id, proof=body.proof(caller), origin=origin)
    )


@router.post("/reopening-codes", status_code=202, responses=refusals(*CLOSED, TooManyCodesError))
def send_reopening_code(body: SignInIn, core: CoreDep, origin: ProgramOrigin) -> None:
    """Send a code to the phone of an account that its owner closed."""
    send_code(core, username=body.username, password=body.password, origin=origin)


@router.post("/reopenings", status_code=204, responses=refusals(*CLOSED, WrongCodeError))
def reopen(body: ReopeningIn, core: CoreDep, origin: ProgramOrigin) -> None:
    """Open a closed account again; what ended stays over. Sign in next."""
    reopen_account(core, username=body.username, password=body.password, code=body.code, origin=origin)


@router.post("/me/copies", status_code=202, responses=refusals(*PROVEN, CopyWaitsError, PhoneAloneError))
def ask_copy(body: ProofIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> None:
    """Have a copy of everything made that is kept about the account; its owner is told when it is there."""
    ask_for_copy(core, account_id=caller.account_id, proof=body.proof(caller), origin=origin)


@router.get("/me/copies", responses=refusals(*SIGNED_IN, CopyNotThereError))
def show_copy(core: CoreDep, caller: Caller) -> CopyOut:
    """Show where the copy stands."""
    state = copy_state(core, caller.account_id)
    if state is None:
        raise CopyNotThereError
    return CopyOut.model_validate(state)


@router.post(
    "/me/copies/content",
    response_class=Response,
    responses={
        200: {"content": {"application/zip": {}}, "description": "A ZIP with data.json, index.html and files."},
        **refusals(*PROVEN, CopyNotThereError, PhoneAloneError, EvidenceUnavailableError),
    },
)
def fetch(body: ProofIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> Response:
    """Fetch the copy, this once: it is gone then."""
    content = fetch_copy(core, account_id=caller.account_id, proof=body.proof(caller), origin=origin)
    return Response(content, media_type="application/zip", headers={"Cache-Control": "no-store"})
