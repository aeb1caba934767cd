"""What everyone can read: the start page, how it works, how long people wait; the language of the pages."""

from contextlib import suppress

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, VisitDep
from api.pages.public.services import in_groups
from api.pages.shared.forms import begin_session
from api.pages.shared.own_cases import own_cases
from api.pages.shared.own_paths import safe_path
from api.pages.shared.rendering import current_session, page, set_language
from booking.base.errors import NotFoundError, SessionsUnavailableError
from booking.catalogue import views as catalogue
from booking.core import sessions
from booking.core.core import Core
from booking.core.permissions import is_staff
from booking.core.session_data import SessionData
from booking.figures.waits import public_waits

router = APIRouter()


@router.get("/")
def start(request: Request, core: CoreDep) -> Response:
    """Show one's own requests that go on, the search, the usual tasks, the next draw, and every group of services."""
    draw = catalogue.coming_draw(core)
    session = _session(request)
    account_id = session.account_id if session and not is_staff(session.roles) else None
    return page(
        request,
        "public/start.html",
        draw=draw,
        hours=int((draw.closes_at - core.clock.now()).total_seconds() // 3600) if draw else 0,
        groups=in_groups(core.pack.groups, catalogue.list_services(core)),
        zone=_zone(core),
        **(own_cases(core, account_id, finished=False) if account_id else {"own_groups": []}),
    )


@router.get("/how")
def how(request: Request) -> Response:
    """Explain the draw in plain words."""
    return page(request, "public/how.html")


@router.get("/waiting-times")
def waiting_times(request: Request, core: CoreDep) -> Response:
    """Return how long people wait, as last night's job measured it."""
    return page(request, "public/waiting_times.html", waits=public_waits(core), zone=_zone(core))


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


def _session(request: Request) -> SessionData | None:
    """Return the visitor's session, begun for the form; None while the store is away, when the page still opens."""
    with suppress(SessionsUnavailableError):
        return current_session(request) or begin_session(request)
    return None


def _zone(core: Core) -> str:
    return core.pack.country.time_zone
