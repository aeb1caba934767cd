"""Without a network: the script that keeps pages on a phone, the pages that it shows, and the manifest."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.pages.shared.rendering import page
from api.pages.shared.static import read_static, versions
from booking.platform.base.errors import NotFoundError

router = APIRouter()

_GREEN: Final = "#0b5d4b"
_PAPER: Final = "#ffffff"
_SIZES: Final = (192, 512)


@router.get("/keeper.js")
async def keeper() -> Response:
    """Return the script that keeps pages; from the root it may see them all, and touches few."""
    return Response(
        read_static("keeper.js"),
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/without-network")
def without_network(request: Request) -> Response:
    """Show the page that lists what is kept; it comes without anybody's data."""
    return page(request, "public/without_network.html", session=None)


@router.get("/without-network/form")
def not_sent(request: Request) -> Response:
    """Show the page that answers a form which could not be sent; it comes without anybody's data."""
    return page(request, "public/not_sent.html", session=None)


@router.get("/manifest-{language}.webmanifest")
def manifest(request: Request, language: str) -> Response:
    """Return what this site is called and looks like where somebody installs it."""
    words = request.app.state.words.get(language)
    if words is None:
        raise NotFoundError
    known = versions()
    icons = [
        {
            "src": f"/static/icon-{size}.png?v={known[f'icon-{size}.png']}",
            "sizes": f"{size}x{size}",
            "type": "image/png",
        }
        for size in _SIZES
    ]
    return JSONResponse(
        {
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "minimal-ui",
            "lang": language,
            "dir": words.direction,
            "name": words.gettext("Mawid: appointments by a fair draw"),
            "short_name": words.gettext("Mawid"),
            "theme_color": _GREEN,
            "background_color": _PAPER,
            "icons": [one | {"purpose": purpose} for one in icons for purpose in ("any", "maskable")],
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "public, max-age=86400"},
    )
