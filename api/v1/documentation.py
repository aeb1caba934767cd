"""The API's documentation, from this server alone: an OpenAPI document, and the same as a page without scripts."""

from typing import Any, cast

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.outgoing.caching import CATALOGUE_SECONDS
from api.v1.calls.refusals import as_problems
from booking.base.settings import Language

PREFIX = "/api/v1"
ABOUT = (
    "Ask for a turn at an office by program. Everything that the pages can do for citizens, by the same rules: "
    "the draw decides and not speed, so polling and hurrying gain nothing."
)

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    return JSONResponse(document(request), headers={"Cache-Control": f"public, max-age={CATALOGUE_SECONDS}"})


@router.get("/docs")
def docs(request: Request) -> Response:
    """Return the same document as a page."""
    english = request.app.state.words[Language.ENGLISH]
    page = request.app.state.renderer.render(english, "public/api_docs.html", {"document": document(request)})
    return HTMLResponse(page, headers={"Cache-Control": f"public, max-age={CATALOGUE_SECONDS}"})


def document(request: Request) -> dict[str, Any]:
    """Make the OpenAPI document of the API's routes, once for an application."""
    state = request.app.state
    if not hasattr(state, "openapi_v1"):
        made = get_openapi(title="Mawid", version="1", description=ABOUT, routes=request.app.routes)
        made["paths"] = {path: calls for path, calls in made["paths"].items() if path.startswith(PREFIX)}
        as_problems(made)
        state.openapi_v1 = made
    return cast("dict[str, Any]", state.openapi_v1)
