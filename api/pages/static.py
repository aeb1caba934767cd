"""The one style sheet, the one script and the icon, kept by browsers until they change."""

from hashlib import sha256
from importlib import resources
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from booking.errors import NotFoundError

router = APIRouter()

MEDIA_TYPES: Final = {
    "mawid.css": "text/css; charset=utf-8",
    "mawid.js": "text/javascript; charset=utf-8",
    "mawid.svg": "image/svg+xml",
}


def read_static(name: str) -> bytes:
    """Read one of our static files."""
    return resources.files("api").joinpath("static", name).read_bytes()


def versions() -> dict[str, str]:
    """Give a short hash for each file; it goes into its address, so that a changed file is fetched again."""
    return {name: sha256(read_static(name)).hexdigest()[:10] for name in MEDIA_TYPES}


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Give a static file."""
    if name not in MEDIA_TYPES:
        raise NotFoundError
    return Response(
        read_static(name),
        media_type=MEDIA_TYPES[name],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
