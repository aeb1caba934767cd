"""The demonstration's outbox: what phones would have received. Production settings forbid it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.pages.rendering import page
from booking.fields import known_username
from booking.queries import desk

router = APIRouter(prefix="/outbox")


@router.get("")
def outbox(request: Request, core: CoreDep, username: str = "") -> Response:
    """List the latest notices, of one account where a user name is given."""
    lines = desk.outbox(core, username=known_username(username))
    return page(request, "outbox.html", lines=lines, username=username, zone=core.pack.country.time_zone)
