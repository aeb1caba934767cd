"""The API's documentation, from this server alone: an OpenAPI document, and the same as a page without scripts."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute

from api.outgoing.caching import CATALOGUE_SECONDS
from api.v1.calls.refusals import as_problems

PREFIX = "/api/v1"
Made = TypeVar("Made")
_KEPT: Final = {"Cache-Control": f"public, max-age={CATALOGUE_SECONDS}"}
ABOUT = (
    "Ask for a turn at an office by program. Everything that the pages can do for citizens, by the same rules: "
    "the draw decides and not speed, so polling and hurrying gain nothing."
)

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    made = _once(request, "openapi_json", lambda: JSONResponse(document(request)).body)
    return Response(made, media_type="application/json", headers=_KEPT)


@router.get("/docs")
def docs(request: Request) -> Response:
    """Return the same document as a page."""
    english, renderer = request.app.state.words["en"], request.app.state.renderer
    page = _once(
        request,
        "openapi_page",
        lambda: renderer.render(english, "public/api_docs.html", {"document": document(request)}),
    )
    return HTMLResponse(page, headers=_KEPT)


def document(request: Request) -> dict[str, Any]:
    """Make the OpenAPI document of the API's routes, once for an application."""
    return _once(request, "openapi_v1", lambda: make_document(request.app.routes))


def make_document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Make the OpenAPI document of the API among an application's routes."""
    made = get_openapi(title="Mawid", version="1", description=ABOUT, routes=routes)
    made["paths"] = {path: calls for path, calls in made["paths"].items() if path.startswith(PREFIX)}
    as_problems(made)
    return made


def _once(request: Request, name: str, make: Callable[[], Made]) -> Made:
    state = request.app.state
    if not hasattr(state, name):
        setattr(state, name, make())
    return cast("Made", getattr(state, name))
