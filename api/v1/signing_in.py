"""How an account signs in: another password, another phone, a forgotten user name."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.calls.guards import Caller, ProgramOrigin
from api.v1.calls.limits import MeteredDep
from api.v1.calls.refusals import INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import In, OneTimeCode, Out, Typed
from booking.people.accounts import change_phone
from booking.people.accounts.change_phone import ask_for_change, finish_change, wait_for_change
from booking.people.accounts.errors import (
    AskAdministratorError,
    NothingWaitsError,
    PhoneAloneError,
    SignInAgainError,
    WaitingError,
    WrongSecondFactorError,
)
from booking.people.accounts.recover_username import request_usernames
from booking.people.accounts.reset_password import change_password

router = APIRouter(tags=["accounts"])
CHANGES = (SignInAgainError, WaitingError, AskAdministratorError)


class PhoneIn(In):
    """A phone; digits of every script are accepted."""

    phone: Typed


class PasswordIn(In):
    """The present password and a new one."""

    present_password: Typed
    password: Typed


class PhoneCodesIn(In):
    """The code from the new phone, and one from the old phone or of the second factor; neither: the change waits."""

    new_code: OneTimeCode
    old_code: OneTimeCode = ""
    second_factor_code: Annotated[Typed, Field(examples=["123456"])] = ""
    without_old_phone: bool = False


class PhoneChanged(Out):
    """``days`` until the change is made; 0 where it is made already."""

    days: int


@router.post("/user-name-reminders", status_code=202, responses=refusals(*INPUT), response_class=Response)
def remind(body: PhoneIn, meter: MeteredDep, origin: ProgramOrigin, response: Response) -> None:
    """Send the user names of a phone to it. The answer is the same whether or not it has any."""
    request_usernames(meter.core, phone=body.phone, origin=origin)
    meter.show(response)


@router.post("/accounts/me/password", status_code=204, responses=refusals(*SIGNED_IN, *INPUT))
def change(body: PasswordIn, meter: MeteredDep, caller: Caller, origin: ProgramOrigin, response: Response) -> None:
    """Set another password; this session goes on, and all others of the account end."""
    change_password(
        meter.core,
        account_id=caller.account_id,
        token=caller.visit.token,
        present=body.present_password,
        password=body.password,
        origin=origin,
    )
    meter.show(response)


@router.post(
    "/accounts/me/phone-change",
    status_code=202,
    responses=refusals(*SIGNED_IN, *INPUT, *CHANGES),
    response_class=Response,
)
def begin(body: PhoneIn, meter: MeteredDep, caller: Caller, origin: ProgramOrigin, response: Response) -> None:
    """Begin a change of phone: a code goes to the new phone, and one to the old."""
    ask_for_change(meter.core, account_id=caller.account_id, token=caller.visit.token, phone=body.phone, origin=origin)
    meter.show(response)


@router.post(
    "/accounts/me/phone-change/confirmation",
    responses=refusals(*SIGNED_IN, *INPUT, *CHANGES, NothingWaitsError, PhoneAloneError, WrongSecondFactorError),
)
def finish(
    body: PhoneCodesIn, meter: MeteredDep, caller: Caller, origin: ProgramOrigin, response: Response
) -> PhoneChanged:
    """Make the change, or let it wait where the old phone is lost; all other sessions end once it is made."""
    account_id, token, days = caller.account_id, caller.visit.token, 0
    if body.without_old_phone:
        days = wait_for_change(meter.core, account_id=account_id, token=token, new_code=body.new_code, origin=origin)
    else:
        finish_change(
            meter.core,
            account_id=account_id,
            token=token,
            new_code=body.new_code,
            old_code=body.old_code,
            factor_code=body.second_factor_code,
            origin=origin,
        )
    meter.show(response)
    return PhoneChanged(days=days)


@router.delete(
    "/accounts/me/phone-change", status_code=204, responses=refusals(*SIGNED_IN, *NO_BODY, NothingWaitsError)
)
def stop(core: CoreDep, caller: Caller) -> None:
    """Stop a change that is open or waits."""
    change_phone.stop(core, account_id=caller.account_id)
