"""Sign in and out, and show in between that it is still the owner."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.calls.guards import PROVEN, Caller, Options, ProgramOrigin, ProofIn
from api.v1.calls.limits import MeteredDep
from api.v1.calls.refusals import INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import DoorWord, In, Out, Typed
from booking.country.core.four_eyes import is_staff
from booking.people.accounts.errors import AccountClosedError, SecondFactorNeededError, WrongSecondFactorError
from booking.people.accounts.second_step import prove_again, ways
from booking.people.accounts.sign_in import sign_in, sign_out
from booking.platform.base.errors import WrongCredentialsError

router = APIRouter(prefix="/sessions", tags=["sessions"])
WRONG = (WrongCredentialsError, AccountClosedError, SecondFactorNeededError, WrongSecondFactorError)
_DEVICE = "API"
"""What the owner reads in the list of sessions."""


class SessionIn(In):
    """Who signs in: a user name, or a phone that is one account's alone.

    Who set up a second step on the pages sends the code of their authenticator, or a recovery code.
    """

    username: Typed
    password: Typed
    second_factor_code: Annotated[Typed, Field(examples=["123456"])] = ""


class SessionOut(Out):
    """A session that has begun. Send the token as ``Authorization: Bearer …``; it is shown this once.

    It ends after ``expires_in`` seconds, and after ``expires_unused_in`` without a call.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token, not a token
    expires_in: int
    expires_unused_in: int
    language: str
    door: DoorWord
    roles: list[str]
    phone_confirmed: bool


@router.post("", responses=refusals(*WRONG, *INPUT))
def begin(body: SessionIn, meter: MeteredDep, origin: ProgramOrigin, response: Response) -> SessionOut:
    """Sign in: exchange user name and password for an access token."""
    login = sign_in(
        meter.core,
        username=body.username,
        password=body.password,
        origin=origin,
        code=body.second_factor_code,
        device=_DEVICE,
    )
    meter.show(response)
    settings = meter.core.settings
    unused = settings.staff_idle if is_staff(login.roles) else settings.citizen_idle
    return SessionOut(
        access_token=login.token,
        expires_in=int(settings.session_lifetime.total_seconds()),
        expires_unused_in=int(unused.total_seconds()),
        language=login.language,
        door=login.door.value,
        roles=sorted(login.roles),
        phone_confirmed=login.phone_confirmed,
    )


class WaysOut(Out):
    """How the owner can prove it: ``passkey`` are the options for the browser, and count for ten minutes."""

    passkey: Options | None
    codes: bool
    password: bool


@router.post("/current/proof-ways", responses=refusals(*SIGNED_IN, *NO_BODY))
def show_ways(core: CoreDep, caller: Caller) -> WaysOut:
    """Say what a proof of the owner can be, with a challenge for a passkey."""
    known = ways(core, account_id=caller.account_id, token=caller.visit.token)
    passkey = None if known.passkey is None else json.loads(known.passkey)
    return WaysOut(passkey=passkey, codes=known.codes, password=known.password)


@router.post("/current/proofs", status_code=204, responses=refusals(*PROVEN))
def prove(body: ProofIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> None:
    """Show that it is still the owner; for a quarter of an hour this session may change how the account signs in."""
    prove_again(core, account_id=caller.account_id, proof=body.proof(caller), origin=origin)


@router.delete("/current", status_code=204, responses=refusals(*SIGNED_IN, *NO_BODY))
def end(core: CoreDep, caller: Caller) -> None:
    """Sign out: the token is worth nothing from now on."""
    sign_out(core, token=caller.visit.token)
