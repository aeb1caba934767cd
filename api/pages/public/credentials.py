"""What wallets and gates ask of the issuer of credentials: its keys, what kinds there are, what ended. Of no person."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.caching import CATALOGUE_SECONDS, OPEN, public_bytes, public_tagged, tag_of
from api.outgoing.short_cache import Cached, ShortCache
from booking.country.core.core import Core
from booking.eservices.credentials.give import describe_kind
from booking.eservices.credentials.sd_jwt import LISTS, WELL_KNOWN
from booking.eservices.credentials.status import FRESH, issuer_document, status_list, status_lists

router = APIRouter()

_JSON: Final = "application/json"
_LIST: Final = "application/statuslist+jwt"
_MOST: Final = 1 << 31


@router.get(WELL_KNOWN)
def issuer(request: Request, core: CoreDep) -> Response:
    """Return the issuer's name and keys."""
    return _json(request, issuer_document(core))


@router.get(LISTS)
def lists(request: Request, core: CoreDep) -> Response:
    """Say where all status lists lie."""
    return _json(request, status_lists(core))


@router.get("/credentials/status/{number}")
async def status(request: Request, number: Annotated[int, Path(ge=0, lt=_MOST)], core: CoreDep) -> Response:
    """Return a status list; one process signs it once in half a minute, however many ask."""
    cache: ShortCache[Cached] = request.app.state.lists
    made = await cache.get(("credentials", number), core.clock.now(), lambda: _list(core, number))
    seconds = int(FRESH.total_seconds())
    return _open(public_tagged(request, made.content, made.tag, _LIST, seconds=seconds))


@router.get("/credentials/types/{service_code}")
def kind(request: Request, service_code: str, core: CoreDep) -> Response:
    """Describe a kind of credentials."""
    return _json(request, describe_kind(core, service_code))


def _list(core: Core, number: int) -> Cached:
    made = status_list(core, number)
    return Cached(made.text.encode(), tag_of(made.same.encode()))


def _json(request: Request, content: dict[str, Any]) -> Response:
    written = json.dumps(content, ensure_ascii=False).encode()
    return _open(public_bytes(request, written, _JSON, seconds=CATALOGUE_SECONDS))


def _open(response: Response) -> Response:
    response.headers.update(OPEN)
    return response
