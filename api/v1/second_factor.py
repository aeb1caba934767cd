"""The second factor of the account that is signed in: set up, looked at and removed by its owner."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.deps import CoreDep
from api.v1.calls.guards import SECOND_FACTOR, Caller, Credential, Options, ProgramOrigin, ProofIn, written
from api.v1.calls.refusals import INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import In, OneTimeCode, Out, Typed
from booking.people.accounts import own_second_step, passkeys
from booking.people.accounts.errors import (
    LastSecondFactorError,
    SecondFactorKeptError,
    SignInAgainError,
    WrongPasskeyError,
    WrongSecondFactorError,
)
from booking.people.accounts.second_factor import setup_address
from booking.people.accounts.sign_in import account_view, second_factor_view
from booking.platform.base.errors import NotFoundError

router = APIRouter(prefix="/accounts/me/second-factor", tags=["accounts"])
CHANGES = (*SIGNED_IN, SignInAgainError)

PasskeyId = Annotated[UUID, Path()]


class PasskeyOut(Out):
    """A passkey; ``copied_at``: since then it is not believed, for there may be a copy of it."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    copied_at: datetime | None


class SecondFactorOut(Out):
    """What is asked for besides the password. ``may_remove`` is false where a role must have it."""

    is_set_up: bool
    app: bool
    passkeys: list[PasskeyOut]
    recovery_codes_left: int
    may_remove: bool


class SecretOut(Out):
    """The secret of a new authenticator, in base 32, and the ``otpauth`` address that its app reads from a QR code."""

    secret: str
    address: str


class AppCodeIn(In):
    """The code that the authenticator shows now."""

    code: OneTimeCode


class PasskeyIn(In):
    """A passkey that a browser made in answer to the options, and its owner's name for the device."""

    name: Typed
    credential: Credential


class CodesOut(Out):
    """New recovery codes, shown this once: each is the second step once. Those before are worth nothing any more."""

    recovery_codes: list[str]


class PasskeyMade(CodesOut):
    """Recovery codes where the passkey is the first second factor; else none, and those before count on."""


@router.get("", responses=refusals(*SIGNED_IN))
def show(core: CoreDep, caller: Caller) -> SecondFactorOut:
    """Show what is set up, and how many recovery codes are left."""
    return SecondFactorOut.model_validate(second_factor_view(core, caller.account_id))


@router.post("/app", responses=refusals(*CHANGES, *NO_BODY, SecondFactorKeptError))
def begin_app(core: CoreDep, caller: Caller) -> SecretOut:
    """Give the secret of a new authenticator; it counts once `confirm_app` had a code of it."""
    secret = own_second_step.offer_secret(core, account_id=caller.account_id, token=caller.visit.token)
    return SecretOut(secret=secret, address=setup_address(secret, account_view(core, caller.account_id).username))


@router.post("/app/confirmation", responses=refusals(*CHANGES, *INPUT, SecondFactorKeptError, WrongSecondFactorError))
def confirm_app(body: AppCodeIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> CodesOut:
    """Keep the authenticator; all other sessions of the account end."""
    account_id, token = caller.account_id, caller.visit.token
    codes = own_second_step.add_app(core, account_id=account_id, token=token, code=body.code, origin=origin)
    return CodesOut(recovery_codes=codes)


@router.post("/passkey-options", responses=refusals(*CHANGES, *NO_BODY))
def passkey_options(core: CoreDep, caller: Caller) -> Options:
    """Give the options by which a browser on the site's own address makes a passkey; they count for ten minutes."""
    options: Options = json.loads(own_second_step.offer_passkey(core, caller.account_id, caller.visit.token))
    return options


@router.post("/passkeys", responses=refusals(*CHANGES, *INPUT, WrongPasskeyError, NotFoundError))
def add_passkey(body: PasskeyIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> PasskeyMade:
    """Keep a passkey; the first second factor of an account ends all its other sessions."""
    codes = own_second_step.add_passkey(
        core,
        account_id=caller.account_id,
        token=caller.visit.token,
        credential=written(body.credential),
        name=body.name,
        origin=origin,
    )
    return PasskeyMade(recovery_codes=codes)


@router.delete(
    "/passkeys/{passkey_id}",
    status_code=204,
    responses=refusals(*CHANGES, *INPUT, NotFoundError, LastSecondFactorError),
)
def remove_passkey(passkey_id: PasskeyId, core: CoreDep, caller: Caller) -> None:
    """Remove a passkey; the last second factor goes by `remove`."""
    passkeys.remove(core, account_id=caller.account_id, token=caller.visit.token, passkey_id=passkey_id)


@router.post("/recovery-codes", responses=refusals(*SECOND_FACTOR))
def renew_codes(body: ProofIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> CodesOut:
    """Make new recovery codes, with a proof by the second factor."""
    account_id, proof = caller.account_id, body.proof(caller)
    codes = own_second_step.replace_recovery_codes(core, account_id=account_id, proof=proof, origin=origin)
    return CodesOut(recovery_codes=codes)


@router.post("/removal", status_code=204, responses=refusals(*SECOND_FACTOR, SecondFactorKeptError))
def remove(body: ProofIn, core: CoreDep, caller: Caller, origin: ProgramOrigin) -> None:
    """Remove authenticator, passkeys and recovery codes, with a proof by one of them; all other sessions end."""
    account_id, proof = caller.account_id, body.proof(caller)
    own_second_step.remove_second_step(core, account_id=account_id, proof=proof, origin=origin)
