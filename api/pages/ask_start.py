"""Where asking begins: the first page behind each of the two doors."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.pages.rendering import page
from booking.queries import directory
from booking.states import Door

router = APIRouter()


@router.get("/ask")
def at_home(request: Request, core: CoreDep) -> Response:
    """Say what asking takes, before anyone signs in."""
    return _start(request, core, Door.HOME)


@router.get("/abroad")
def from_abroad(request: Request, core: CoreDep) -> Response:
    """Say what asking from abroad takes."""
    return _start(request, core, Door.ABROAD)


def _start(request: Request, core: CoreDep, door: Door) -> Response:
    return page(
        request,
        "ask_start.html",
        abroad=door is Door.ABROAD,
        base="/abroad" if door is Door.ABROAD else "/ask",
        draw=directory.coming_draw(core),
        offices=directory.list_offices(core, door),
        zone=core.pack.country.time_zone,
    )
