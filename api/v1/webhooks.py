"""What other systems can be told of, for the programs that receive it: the catalogue of events as AsyncAPI."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from api.deps import CoreDep
from api.event_words import EVENTS
from api.outgoing.caching import CATALOGUE_SECONDS
from booking.people.webhooks.catalogue import document

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_KEPT: Final = {"Cache-Control": f"public, max-age={CATALOGUE_SECONDS}"}


@router.get("/asyncapi.json", response_class=JSONResponse)
async def asyncapi(core: CoreDep) -> Response:
    """Return the catalogue of events that are sent to subscribed systems, an AsyncAPI 3 document with their schemas."""
    made: dict[str, Any] = document(title="Mawid", server=core.settings.base_url, words=EVENTS)
    return JSONResponse(made, headers=_KEPT)
