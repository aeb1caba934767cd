"""What a wallet calls: for a token, for a value to sign, for its credentials."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.deps import CoreDep
from api.errors import UnreadableBodyError
from api.incoming.bodies import TOKEN_FORM, check_type, reads
from api.wallets.refusals import WalletRoute
from booking.eservices.credentials.give import give_credentials
from booking.eservices.credentials.offer import PRE_AUTHORIZED
from booking.eservices.credentials.sd_jwt import CREDENTIAL, NONCE, TOKEN
from booking.eservices.credentials.token import Refusal, WalletRefusedError, exchange_code, new_nonce

router = APIRouter(route_class=WalletRoute)
_LONGEST: Final = 200


class CredentialIn(BaseModel):
    """What a wallet asks for; what we do not know of it counts for nothing, as the standard has it."""

    credential_configuration_id: Annotated[str, Field(max_length=_LONGEST)] | None = None
    credential_identifier: Any = None
    proofs: Any = None


@reads(TOKEN_FORM)
async def token_form(request: Request) -> dict[str, str]:
    """Read what is sent for a token.

    Raises
    ------
    UnsupportedMediaTypeError
        It is no form.
    UnreadableBodyError
        It has far more fields than any.
    WalletRefusedError
        A field comes twice.
    """
    check_type(request)
    body = (await request.body()).decode("ascii", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=TOKEN_FORM.most_fields, errors="replace")
    except ValueError:
        raise UnreadableBodyError from None
    if len(dict(pairs)) < len(pairs):
        raise WalletRefusedError(Refusal.INVALID_REQUEST, "a field comes twice")
    return dict(pairs)


@router.post(TOKEN)
def token(form: Annotated[dict[str, str], Depends(token_form)], core: CoreDep) -> Response:
    """Give a token for the code of an offer."""
    if form.get("grant_type") != PRE_AUTHORIZED:
        raise WalletRefusedError(Refusal.UNSUPPORTED_GRANT_TYPE, "there is one grant: the pre-authorized code")
    if "authorization_details" in form:
        raise WalletRefusedError(Refusal.INVALID_AUTHORIZATION_DETAILS, "the offer says what is issued")
    code, transaction_code = form.get("pre-authorized_code", ""), form.get("tx_code", "")
    if not code or not transaction_code:
        raise WalletRefusedError(Refusal.INVALID_REQUEST, "pre-authorized_code and tx_code are needed")
    given = exchange_code(core, code=code, transaction_code=transaction_code)
    return JSONResponse({"access_token": given.text, "token_type": "Bearer", "expires_in": given.seconds})


@router.post(NONCE)
async def nonce(core: CoreDep) -> Response:
    """Give a value to sign."""
    return JSONResponse({"c_nonce": new_nonce(core)})


@router.post(CREDENTIAL)
def credential(request: Request, body: CredentialIn, core: CoreDep) -> Response:
    """Give what was offered, a credential for each proof."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise WalletRefusedError(Refusal.INVALID_TOKEN, "there is no token")
    if body.credential_identifier is not None:
        raise WalletRefusedError(Refusal.UNKNOWN_IDENTIFIER, "no identifier was given with the token")
    if body.credential_configuration_id is None:
        raise WalletRefusedError(Refusal.INVALID_CREDENTIAL_REQUEST, "credential_configuration_id is needed")
    given = give_credentials(
        core, token=text.strip(), kind=body.credential_configuration_id, proofs=_proofs(body.proofs)
    )
    return JSONResponse({"credentials": [{"credential": one} for one in given]})


def _proofs(sent: object) -> list[str]:
    """Return the proofs of a request; raises WalletRefusedError where there is none that we take."""
    jwt = sent.get("jwt") if isinstance(sent, dict) and len(sent) == 1 else None
    if not isinstance(jwt, list) or not all(isinstance(one, str) for one in jwt):
        raise WalletRefusedError(Refusal.INVALID_PROOF, "proofs.jwt is needed, and nothing beside it")
    return jwt
