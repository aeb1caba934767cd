"""What everyone can read: the start page, how it works, how long people wait, offices."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, VisitDep
from api.pages.shared.own_paths import safe_path
from api.pages.shared.rendering import page, set_language
from booking.base.errors import NotFoundError
from booking.base.settings import Language
from booking.catalogue import views as catalogue
from booking.core import sessions
from booking.core.core import Core
from booking.figures.waits import public_waits
from booking.models.states import Door
from booking.packs.fields import WEEKDAYS

router = APIRouter()


@router.get("/")
def start(request: Request, core: CoreDep) -> Response:
    """Show the two doors and what happens behind them."""
    return page(
        request,
        "public/start.html",
        draw=catalogue.coming_draw(core),
        services=catalogue.list_appointment_services(core),
        zone=_zone(core),
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
    if language not in [one.value for one in Language]:
        raise NotFoundError
    if visit is not None and visit.by_cookie:
        sessions.set_language(core, visit.token, language)
    response = RedirectResponse(safe_path(back) or "/", 303)
    set_language(response, core.settings, language)
    return response


@router.get("/offices")
def offices(request: Request, core: CoreDep) -> Response:
    """List the branches and consulates."""
    every = catalogue.list_offices(core)
    return page(
        request,
        "public/offices.html",
        branches=[one for one in every if one.door is Door.HOME],
        consulates=[one for one in every if one.door is Door.ABROAD],
        weekdays=WEEKDAYS,
    )


def _zone(core: Core) -> str:
    return core.pack.country.time_zone
