"""Requests: ask for a turn in the draw, follow it, withdraw it, answer a check, appeal."""

from fastapi import APIRouter
from starlette.responses import Response

from api.deps import CoreDep, SignedIn
from api.outgoing.own_file import own_file
from api.v1.appointment_values import (
    AskedOut,
    ChallengeOut,
    RequestOut,
    RequestsOut,
    asked_out,
    request_line_out,
    request_out,
)
from api.v1.calls.guards import Caller, ProgramOrigin, StoredReference
from api.v1.calls.limits import MeteredDep, show_limits
from api.v1.calls.once import Created, IdempotencyKey, created, once
from api.v1.calls.refusals import CREATES, INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import In, OneTimeCode, Prose, Solution
from api.v1.wish_values import RequestIn, WishIn
from booking.country.core.core import Core
from booking.country.core.register import RegisterAwayError
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import (
    AccountLeftError,
    AlreadyLiveError,
    AppealExistsError,
    DrawRunningError,
    FieldError,
    HoldExpiredError,
    IllegalMoveError,
    NotFoundError,
    NothingToAppealError,
    PhoneNotConfirmedError,
    PolicyMissingError,
    TooManyCodesError,
    WrongCodeError,
)
from booking.scheduling.draws.own_receipt import own_receipt
from booking.scheduling.requests.ask import ask_in_loop
from booking.scheduling.requests.edit import edit
from booking.scheduling.requests.prove import (
    ProofExpiredError,
    ProofNotEnoughError,
    ProofSpentError,
    ProofUnavailableError,
    WrongProofError,
    answer_with_proof,
    send_challenge,
    ways_to_pass,
)
from booking.scheduling.requests.receipt import DrawLostMeanwhileError, EditedMeanwhileError
from booking.scheduling.requests.review import answer_challenge, appeal
from booking.scheduling.requests.views import list_requests, request_view
from booking.scheduling.requests.withdraw import withdraw

router = APIRouter(prefix="/requests", tags=["requests"])

ONE_REQUEST = (*SIGNED_IN, FieldError, NotFoundError)


class AnswerIn(In):
    """The code that was sent to the phone."""

    code: OneTimeCode


class SolutionIn(In):
    """What the device computed."""

    solution: Solution


class AppealIn(In):
    """Why the refusal is wrong, in the person's own words."""

    words: Prose


@router.post(
    "",
    status_code=201,
    response_model=AskedOut,
    responses=refusals(
        *SIGNED_IN,
        *CREATES,
        AccountLeftError,
        IdentityLevelError,
        AlreadyLiveError,
        PhoneNotConfirmedError,
        PolicyMissingError,
        NotFoundError,
    ),
)
async def create(
    body: RequestIn, key: IdempotencyKey, core: CoreDep, caller: Caller, origin: ProgramOrigin
) -> Response:
    """Ask for a turn in the next draw. Speed gains nothing; asking twice for one person is refused."""
    asked = await ask_in_loop(core, account_id=caller.account_id, wish=body.wish(), origin=origin, idempotency_key=key)
    response = created(
        Created(asked_out(asked).model_dump(mode="json"), f"/api/v1/requests/{asked.reference}"),
        replayed=asked.replayed,
    )
    show_limits(response, asked.limits)
    return response


@router.get("", responses=refusals(*SIGNED_IN))
def show_all(core: CoreDep, caller: Caller) -> RequestsOut:
    """List the account's requests, newest first."""
    return RequestsOut(requests=[request_line_out(line) for line in list_requests(core, caller.account_id)])


def _request(core: Core, caller: SignedIn, reference: str) -> RequestOut:
    view = request_view(core, caller.account_id, reference)
    return request_out(view)


@router.get("/{reference}", responses=refusals(*ONE_REQUEST))
def show(reference: StoredReference, core: CoreDep, caller: Caller) -> RequestOut:
    """Show a request: where it stands and why, its draws, its appointment."""
    return _request(core, caller, reference)


@router.get(
    "/{reference}/receipt",
    response_class=Response,
    responses=refusals(*ONE_REQUEST) | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def receipt(reference: StoredReference, core: CoreDep, caller: Caller) -> Response:
    """Return the file by which its owner checks what became of a request in its last draw: row, place and proofs.

    Whoever has it can open the owner's row in the published files: it is for nobody else.
    """
    return own_file(own_receipt(core, account_id=caller.account_id, reference=reference))


@router.post("/{reference}/withdrawal", responses=refusals(*ONE_REQUEST, *NO_BODY, DrawRunningError, IllegalMoveError))
def take_back(reference: StoredReference, core: CoreDep, caller: Caller) -> RequestOut:
    """Withdraw a request that waits; its people may ask again at once."""
    withdraw(core, account_id=caller.account_id, reference=reference)
    return _request(core, caller, reference)


@router.put(
    "/{reference}/wish",
    responses=refusals(
        *ONE_REQUEST,
        *INPUT,
        DrawLostMeanwhileError,
        DrawRunningError,
        EditedMeanwhileError,
        IllegalMoveError,
        PhoneNotConfirmedError,
        PolicyMissingError,
        RegisterAwayError,
    ),
)
def change(
    *,
    reference: StoredReference,
    body: WishIn,
    meter: MeteredDep,
    caller: Caller,
    origin: ProgramOrigin,
    response: Response,
) -> RequestOut:
    """Change a request that waits. Its turn stays; the new wish has a receipt of its own, in the public log."""
    edit(meter.core, account_id=caller.account_id, reference=reference, change=body.change(), origin=origin)
    meter.show(response)
    return _request(meter.core, caller, reference)


@router.get("/{reference}/challenge", responses=refusals(*ONE_REQUEST, HoldExpiredError, IllegalMoveError))
def challenge(reference: StoredReference, core: CoreDep, caller: Caller) -> ChallengeOut:
    """Return the ways to pass a check: a computation, where it is enough, and always a code sent to the phone."""
    return ChallengeOut.model_validate(
        ways_to_pass(core, account_id=caller.account_id, session_token=caller.visit.token, reference=reference)
    )


@router.post(
    "/{reference}/challenge-proof",
    responses=refusals(
        *ONE_REQUEST,
        *INPUT,
        HoldExpiredError,
        IllegalMoveError,
        ProofExpiredError,
        ProofNotEnoughError,
        ProofSpentError,
        ProofUnavailableError,
        WrongProofError,
    ),
)
def prove(
    reference: StoredReference,
    body: SolutionIn,
    meter: MeteredDep,
    caller: Caller,
    origin: ProgramOrigin,
    response: Response,
) -> RequestOut:
    """Answer a check with the solution as altcha clients send it: the request is accepted or held."""
    answer_with_proof(
        meter.core,
        account_id=caller.account_id,
        session_token=caller.visit.token,
        reference=reference,
        solution=body.solution,
        origin=origin,
    )
    meter.show(response)
    return _request(meter.core, caller, reference)


@router.post(
    "/{reference}/challenge-answer",
    responses=refusals(*ONE_REQUEST, *INPUT, WrongCodeError, HoldExpiredError, IllegalMoveError),
)
def answer(reference: StoredReference, body: AnswerIn, core: CoreDep, caller: Caller) -> RequestOut:
    """Answer a check with the code that was sent to the phone; the request is accepted or held."""
    answer_challenge(core, account_id=caller.account_id, reference=reference, code=body.code)
    return _request(core, caller, reference)


@router.post(
    "/{reference}/challenge-codes",
    status_code=202,
    responses=refusals(*ONE_REQUEST, *NO_BODY, TooManyCodesError, HoldExpiredError, IllegalMoveError),
    response_class=Response,
)
def send_code(
    reference: StoredReference, meter: MeteredDep, caller: Caller, origin: ProgramOrigin, response: Response
) -> None:
    """Send a code for a check; one that was sent before stops working."""
    send_challenge(meter.core, account_id=caller.account_id, reference=reference, origin=origin)
    meter.show(response)


@router.post(
    "/{reference}/appeal",
    status_code=201,
    response_model=RequestOut,
    responses=refusals(*ONE_REQUEST, *CREATES, AlreadyLiveError, AppealExistsError, NothingToAppealError),
)
def object_to(
    reference: StoredReference, body: AppealIn, key: IdempotencyKey, core: CoreDep, caller: Caller
) -> Response:
    """Object to a refusal; an officer will read it and answer."""

    def make() -> Created:
        appeal(core, account_id=caller.account_id, reference=reference, words=body.words)
        now = _request(core, caller, reference)
        return Created(now.model_dump(mode="json"), f"/api/v1/requests/{reference}")

    scope = f"appeal:{caller.account_id}:{reference}"
    return once(core, scope=scope, key=key, content=body.model_dump(), make=make)
