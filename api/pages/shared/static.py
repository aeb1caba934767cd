"""The style sheet, the scripts and the icon, kept by browsers until they change."""

import gzip
from hashlib import sha256
from importlib import resources
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from booking.base.errors import NotFoundError

router = APIRouter()

MEDIA_TYPES: Final = {
    "mawid.css": "text/css; charset=utf-8",
    "mawid.js": "text/javascript; charset=utf-8",
    "again.js": "text/javascript; charset=utf-8",
    "evidence.js": "text/javascript; charset=utf-8",
    "desk.css": "text/css; charset=utf-8",
    "paper.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "passkey.js": "text/javascript; charset=utf-8",
    "proof.js": "text/javascript; charset=utf-8",
    "rules.js": "text/javascript; charset=utf-8",
    "quotas.js": "text/javascript; charset=utf-8",
    "study.js": "text/javascript; charset=utf-8",
    "check.js": "text/javascript; charset=utf-8",
    "scan.js": "text/javascript; charset=utf-8",
    "counter-store.js": "text/javascript; charset=utf-8",
    "counter-pass.js": "text/javascript; charset=utf-8",
    "counter-network.js": "text/javascript; charset=utf-8",
    "counter-today.js": "text/javascript; charset=utf-8",
    "counter-desk.js": "text/javascript; charset=utf-8",
    "counter-leave.js": "text/javascript; charset=utf-8",
    "leave.js": "text/javascript; charset=utf-8",
    "typed.js": "text/javascript; charset=utf-8",
    "keep.js": "text/javascript; charset=utf-8",
    "workbench.css": "text/css; charset=utf-8",
    "mawid.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
}


def read_static(name: str) -> bytes:
    """Read one of our static files."""
    return resources.files("api").joinpath("static", name).read_bytes()


def versions() -> dict[str, str]:
    """Return a short hash for each file; it goes into its address, so that a changed file is fetched again."""
    return {name: sha256(read_static(name)).hexdigest()[:10] for name in MEDIA_TYPES}


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Return a static file, compressed where the browser can read that.

    Pages are left to a proxy to compress: they hold the token of the session beside what visitors typed (BREACH).
    """
    if name not in MEDIA_TYPES:
        raise NotFoundError
    content, headers = read_static(name), {"Cache-Control": "public, max-age=31536000, immutable"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=MEDIA_TYPES[name], headers=headers | {"Vary": "Accept-Encoding"})
