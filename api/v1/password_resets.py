"""Choose a new password with a code sent to the phone."""

from fastapi import APIRouter
from starlette.responses import Response

from api.v1.calls.guards import ProgramOrigin
from api.v1.calls.limits import MeteredDep
from api.v1.calls.refusals import INPUT, refusals
from api.v1.calls.values import In, OneTimeCode, Out, Typed
from booking.people.accounts.reset_password import request_reset, reset_password
from booking.platform.base.errors import WrongCodeError

router = APIRouter(prefix="/password-resets", tags=["accounts"])


class ResetIn(In):
    """Whose password is forgotten."""

    username: Typed


class ResetAsked(Out):
    """What belongs to the code that was asked for; it is given whether or not there is such an account."""

    reset_token: str


class NewPasswordIn(In):
    """A new password, the code that the account's phone received, and the token of the call that asked for it."""

    username: Typed
    reset_token: Typed
    code: OneTimeCode
    password: Typed


@router.post("", status_code=202, responses=refusals(*INPUT))
def ask(body: ResetIn, meter: MeteredDep, origin: ProgramOrigin, response: Response) -> ResetAsked:
    """Send a code to the account's phone. The answer is the same whether or not there is such an account."""
    token = request_reset(meter.core, username=body.username, origin=origin)
    meter.show(response)
    return ResetAsked(reset_token=token)


@router.post("/confirmation", status_code=204, responses=refusals(*INPUT, WrongCodeError))
def choose(body: NewPasswordIn, meter: MeteredDep, origin: ProgramOrigin, response: Response) -> None:
    """Set the new password; every session of the account ends."""
    reset_password(
        meter.core,
        username=body.username,
        code=body.code,
        password=body.password,
        origin=origin,
        visit=body.reset_token,
    )
    meter.show(response)
