"""What everyone can read: the start page, how it works, how long people wait; the language of the pages."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, VisitDep
from api.pages.public.services import in_groups
from api.pages.shared.kept_pages import kept_page
from api.pages.shared.own_cases import own_cases
from api.pages.shared.own_origin import safe_path
from api.pages.shared.rendering import set_language
from booking.country.catalogue import views as catalogue
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.session_data import SessionData
from booking.country.figures.waits import public_waits
from booking.platform.base.errors import NotFoundError

router = APIRouter()


@router.get("/")
async def start(request: Request, core: CoreDep) -> Response:
    """Show one's own requests that go on, the search, the usual tasks, the next draw, and every group of services."""
    return await kept_page(
        request, "public/start.html", lambda: _start(core), own=lambda session: _own(core, session), with_form=True
    )


def _start(core: Core) -> dict[str, Any]:
    draw = catalogue.coming_draw(core)
    return {
        "draw": draw,
        "hours": int((draw.closes_at - core.clock.now()).total_seconds() // 3600) if draw else 0,
        "groups": in_groups(core.pack.groups, catalogue.list_services(core)),
        "zone": _zone(core),
        "own_groups": [],
    }


async def _own(core: Core, session: SessionData | None) -> dict[str, Any]:
    if session is None or session.account_id is None or is_staff(session.roles):
        return {}
    return await own_cases(core, session.account_id, finished=False)


@router.get("/how")
async def how(request: Request) -> Response:
    """Explain the draw in plain words."""
    return await kept_page(request, "public/how.html", dict)


@router.get("/waiting-times")
async def waiting_times(request: Request, core: CoreDep) -> Response:
    """Return how long people wait, as last night's job measured it."""
    return await kept_page(
        request, "public/waiting_times.html", lambda: {"waits": public_waits(core), "zone": _zone(core)}
    )


@router.get("/language/{language}")
def choose_language(language: str, core: CoreDep, visit: VisitDep, back: str = "/") -> Response:
    """Remember the language and go back to the page; there is nothing else to it, so a link may do it."""
    if language not in core.languages:
        raise NotFoundError
    if visit is not None and visit.by_cookie:
        sessions.set_language(core, visit.token, language)
    response = RedirectResponse(safe_path(back) or "/", 303)
    set_language(response, core.settings, language)
    return response


def _zone(core: Core) -> str:
    return core.pack.country.time_zone
