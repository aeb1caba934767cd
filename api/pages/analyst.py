"""What an analyst sees: what decides at present, and what the last draw did. Read-only."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AnalystDep, CoreDep
from api.pages.rendering import page
from booking.queries import desk

router = APIRouter(prefix="/analyst")


@router.get("")
def overview(request: Request, _analyst: AnalystDep, core: CoreDep) -> Response:
    """Show the active versions and the last draw's figures."""
    return page(
        request,
        "analyst.html",
        policies=desk.active_policies(core),
        counts=desk.requests_by_state(core),
        zone=core.pack.country.time_zone,
    )
