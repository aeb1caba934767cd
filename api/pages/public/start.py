"""What everyone can read: the start page, how it works, offices, and every draw with its files."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, VisitDep, WordsDep
from api.i18n import Words
from api.pages.account.sign_in import safe_path
from api.pages.shared.chances import chance_tables
from api.pages.shared.rendering import page, set_language
from booking.base.errors import NotFoundError
from booking.base.settings import Language
from booking.catalogue import views as directory
from booking.core import sessions
from booking.core.core import Core
from booking.figures.waits import public_waits
from booking.models.requests.states import Door
from booking.packs.fields import WEEKDAYS

router = APIRouter()


@router.get("/")
def start(request: Request, core: CoreDep) -> Response:
    """Show the two doors and what happens behind them."""
    return page(
        request,
        "public/start.html",
        draw=directory.coming_draw(core),
        services=directory.list_appointment_services(core),
        zone=_zone(core),
    )


@router.get("/how")
def how(request: Request) -> Response:
    """Explain the draw in plain words."""
    return page(request, "public/how.html")


@router.get("/waiting-times")
def waiting_times(request: Request, core: CoreDep) -> Response:
    """Tell how long people wait, as the last night's job measured it."""
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
    every = directory.list_offices(core)
    return page(
        request,
        "public/offices.html",
        branches=[one for one in every if one.door is Door.HOME],
        consulates=[one for one in every if one.door is Door.ABROAD],
        weekdays=WEEKDAYS,
    )


@router.get("/draws")
def draws(request: Request, core: CoreDep) -> Response:
    """List the draws."""
    return page(request, "public/draws.html", draws=directory.list_draws(core), zone=_zone(core))


@router.get("/draws/{reference}")
def draw(request: Request, reference: str, core: CoreDep, words: WordsDep) -> Response:
    """Show one draw: what was promised, what came out, and how to check it."""
    found = directory.find_draw(core, reference)
    return page(
        request,
        "public/draw.html",
        draw=found,
        given_by=directory.draw_mechanism(core, found),
        tables=chance_tables(found.figures, service_names(core, words), words),
        files=directory.list_draw_files(core, reference),
        zone=_zone(core),
    )


@router.get("/draws/{reference}/files/{name}")
def draw_file(reference: str, name: str, core: CoreDep) -> Response:
    """Return a published file, byte for byte."""
    content, media_type = directory.read_draw_file(core, reference, name)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "public, max-age=31536000, immutable",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(content, media_type=media_type, headers=headers)


def service_names(core: Core, words: Words) -> dict[str, str]:
    """Name each service that has appointments in the page's language, by code."""
    return {service.code: service.name(words.language.value) for service in directory.list_appointment_services(core)}


def _zone(core: Core) -> str:
    return core.pack.country.time_zone
