"""Accounts: register, confirm the phone, see oneself."""

from fastapi import APIRouter
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.calls.guards import Caller, ProgramOrigin
from api.v1.calls.limits import MeteredDep
from api.v1.calls.once import Created, IdempotencyKey, once
from api.v1.calls.refusals import CREATES, INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import DoorWord, In, LanguageCode, OneTimeCode, Out, Typed
from booking.people.accounts.opening import confirm_phone, register, resend_code
from booking.people.accounts.sign_in import account_view
from booking.platform.base.errors import NotFoundError, UsernameTakenError, WrongCodeError
from booking.platform.models.states import Door

router = APIRouter(prefix="/accounts", tags=["accounts"])


class AccountIn(In):
    """A new account. Digits of every script are accepted in the phone."""

    username: Typed
    password: Typed
    phone: Typed
    language: LanguageCode = "ar"
    door: DoorWord = "home"


class AccountMade(Out):
    """The account that was made; a code is on its way to its phone."""

    username: str


class AccountOut(Out):
    """An account as its holder sees it."""

    username: str
    language: str
    door: DoorWord
    roles: list[str]
    phone_ends: str
    phone_confirmed: bool


class CodeIn(In):
    """A code that was sent to the phone."""

    code: OneTimeCode


@router.post(
    "",
    status_code=201,
    response_model=AccountMade,
    responses=refusals(*CREATES, UsernameTakenError),
)
def create(body: AccountIn, key: IdempotencyKey, meter: MeteredDep, origin: ProgramOrigin) -> Response:
    """Register. Sign in next, then confirm the phone with the code that it receives."""

    def make() -> Created:
        register(
            meter.core,
            username=body.username,
            password=body.password,
            phone=body.phone,
            language=body.language,
            door=Door(body.door),
            origin=origin,
        )
        return Created({"username": body.username}, "/api/v1/accounts/me")

    response = once(meter.core, scope="register", key=key, content=body.model_dump(), make=make)
    meter.show(response)
    return response


@router.get("/me", responses=refusals(*SIGNED_IN, NotFoundError))
def show(core: CoreDep, caller: Caller) -> AccountOut:
    """Show the account that is signed in."""
    account = account_view(core, caller.account_id)
    return AccountOut(
        username=account.username,
        language=account.language,
        door=account.door.value,
        roles=list(account.roles),
        phone_ends=account.phone_ends,
        phone_confirmed=account.phone_confirmed,
    )


@router.post("/me/phone-confirmation", status_code=204, responses=refusals(*SIGNED_IN, *INPUT, WrongCodeError))
def confirm(body: CodeIn, core: CoreDep, caller: Caller) -> None:
    """Confirm the phone with the code that was sent to it."""
    confirm_phone(core, account_id=caller.account_id, code=body.code)


@router.post("/me/phone-codes", status_code=202, responses=refusals(*SIGNED_IN, *NO_BODY), response_class=Response)
def send_again(meter: MeteredDep, caller: Caller, origin: ProgramOrigin, response: Response) -> None:
    """Send a new code to the phone; the one before stops working."""
    resend_code(meter.core, account_id=caller.account_id, origin=origin)
    meter.show(response)
