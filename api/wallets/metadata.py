"""Where a wallet begins: what is issued, and where tokens are given."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.incoming.bodies import JSON_TYPE
from api.outgoing.caching import CATALOGUE_SECONDS, OPEN, public_bytes
from booking.eservices.credentials.give import token_document, wallet_document
from booking.eservices.credentials.sd_jwt import TOKENS_WELL_KNOWN, WALLETS_WELL_KNOWN

router = APIRouter()


@router.get(WALLETS_WELL_KNOWN)
def issuer(request: Request, core: CoreDep) -> Response:
    """Say what is issued, in which form, and where."""
    return _json(request, wallet_document(core))


@router.get(TOKENS_WELL_KNOWN)
def tokens(request: Request, core: CoreDep) -> Response:
    """Say where tokens are given, and for what."""
    return _json(request, token_document(core))


def _json(request: Request, content: dict[str, Any]) -> Response:
    answer = public_bytes(
        request, json.dumps(content, ensure_ascii=False).encode(), JSON_TYPE, seconds=CATALOGUE_SECONDS
    )
    answer.headers.update(OPEN)
    return answer
