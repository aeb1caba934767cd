"""Every draw with its files, for everyone: what was promised, what came out, and how to check it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, WordsDep
from api.pages.shared.chances import chance_tables
from api.pages.shared.rendering import page
from api.pages.shared.service_names import service_names
from booking.catalogue import views as catalogue

router = APIRouter()


@router.get("/draws")
def draws(request: Request, core: CoreDep) -> Response:
    """List the draws."""
    return page(request, "public/draws.html", draws=catalogue.list_draws(core), zone=core.pack.country.time_zone)


@router.get("/draws/{reference}")
def draw(request: Request, reference: str, core: CoreDep, words: WordsDep) -> Response:
    """Show one draw: what was promised, what came out, and how to check it."""
    found = catalogue.find_draw(core, reference)
    return page(
        request,
        "public/draw.html",
        draw=found,
        given_by=catalogue.draw_mechanism(core, found),
        tables=chance_tables(found.figures, service_names(core, words), words),
        files=catalogue.list_draw_files(core, reference),
        zone=core.pack.country.time_zone,
    )


@router.get("/draws/{reference}/files/{name}")
def draw_file(reference: str, name: str, core: CoreDep) -> Response:
    """Return a published file, byte for byte."""
    content, media_type = catalogue.read_draw_file(core, reference, name)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "public, max-age=31536000, immutable",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(content, media_type=media_type, headers=headers)
