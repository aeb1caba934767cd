"""Every draw with its files, for everyone: what was promised, what came out, and how to check it."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, WordsDep
from api.i18n import Words
from api.outgoing.caching import DRAW_SECONDS, OPEN
from api.outgoing.published import send_published
from api.pages.shared.chances import chance_tables
from api.pages.shared.kept_pages import kept_page
from api.pages.shared.service_names import service_names
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import find_draw_zip
from booking.country.core.core import Core
from booking.scheduling.draws.progress import find_given_out
from booking.scheduling.draws.views import find_audit
from booking.transparency.beacons.draw_story import draw_story

router = APIRouter()


@router.get("/draws")
async def draws(request: Request, core: CoreDep) -> Response:
    """List the draws."""
    return await kept_page(
        request,
        "public/draws.html",
        lambda: {"draws": catalogue.list_draws(core), "zone": core.pack.country.time_zone},
    )


@router.get("/draws/{reference}")
async def draw(request: Request, reference: str, core: CoreDep, words: WordsDep) -> Response:
    """Show one draw: what was promised, what came out, and how to check it."""
    return await kept_page(request, "public/draw.html", lambda: _draw(core, reference, words))


def _draw(core: Core, reference: str, words: Words) -> dict[str, Any]:
    found = catalogue.find_draw(core, reference)
    return {
        "draw": found,
        "given_by": catalogue.draw_mechanism(core, found),
        "tables": chance_tables(found.figures, service_names(core, words), words),
        "story": draw_story(core, found),
        "audit": find_audit(core, found),
        "given_out": find_given_out(core, found),
        "files": catalogue.list_draw_files(core, reference),
        "zone": core.pack.country.time_zone,
    }


@router.get("/journalists")
async def journalists(request: Request) -> Response:
    """Tell the press how a draw is checked, by whom, and what it does not show."""
    return await kept_page(request, "public/journalists.html", dict)


@router.get("/draws/{reference}/all.zip")
async def draw_zip(request: Request, reference: str, core: CoreDep) -> Response:
    """Return all files for everyone in one archive; it is another one once a file was added."""
    file = await run_in_threadpool(find_draw_zip, core, reference)
    answer = await send_published(request, file, as_name=file.name, kept=f"public, max-age={DRAW_SECONDS}")
    answer.headers.update(OPEN)
    return answer


@router.get("/draws/{reference}/files/{name}")
async def draw_file(request: Request, reference: str, name: str, core: CoreDep) -> Response:
    """Return a published file, byte for byte."""
    file = await run_in_threadpool(catalogue.find_draw_file, core, reference, name)
    answer = await send_published(request, file, as_name=name)
    answer.headers.update(OPEN)
    return answer
