"""The style sheets, the scripts and the icons, kept by browsers until they change.

In the repository they are written to be read; what is sent is without comments and layout.
"""

import gzip
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final

import rcssmin
import rjsmin
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from booking.platform.base.errors import NotFoundError

router = APIRouter()

_PARTS: Final = {
    "mawid.css": tuple(
        f"mawid/{part}.css"
        for part in (
            *("tokens", "page", "shell", "forms", "panels", "timeline", "cards", "days", "content"),
            *("rare", "media"),
        )
    ),
    "staff.css": tuple(f"staff/{part}.css" for part in ("shell", "desk", "counter", "plots")),
}
"""Where a file is written in parts, in the order in which they decide."""
_FONTS: Final = ("mawid-sans-2-regular.woff2", "mawid-sans-2-semibold.woff2")
"""Their names carry their version, because the style sheet asks for them by name alone."""
_STYLES: Final = ("mawid.css", "staff.css", "draw.css", "paper.css", "tour.css", "workbench.css")
_SCRIPTS: Final = (
    *("mawid.js", "again.js", "evidence.js", "staff.js", "desk.js", "passkey.js", "proof.js", "rules.js", "quotas.js"),
    *("live-check.js", "study.js", "camera.js", "check.js", "leave.js", "typed.js", "keep.js"),
    *("counter-store.js", "counter-pass.js", "counter-network.js", "counter-today.js", "counter-desk.js"),
    "counter-leave.js",
)
MEDIA_TYPES: Final = {
    **dict.fromkeys(_STYLES, "text/css; charset=utf-8"),
    **dict.fromkeys(_SCRIPTS, "text/javascript; charset=utf-8"),
    **dict.fromkeys(_FONTS, "font/woff2"),
    "mawid.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
}
_KEEP: Final = "public, max-age=31536000, immutable"
_SHORTEN: Final = {"css": rcssmin.cssmin, "js": rjsmin.jsmin}


@cache
def read_static(name: str) -> bytes:
    """Return one of our static files as it is sent: style sheets and scripts without what is only layout."""
    folder = resources.files("api").joinpath("static")
    content = b"".join(
        folder.joinpath(part).read_bytes() for part in _PARTS.get(name, (f"fonts/{name}" if name in _FONTS else name,))
    )
    shorten = _SHORTEN.get(name.rpartition(".")[2])
    return shorten(content) if shorten else content


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(read_static(name), mtime=0)


@cache
def versions() -> dict[str, str]:
    """Return a short hash for each file; it goes into its address, so that a changed file is fetched again."""
    return {name: sha256(read_static(name)).hexdigest()[:10] for name in MEDIA_TYPES}


@router.get("/emblem.svg")
def emblem(core: CoreDep) -> Response:
    """Return the state's drawing, from the country pack."""
    return Response(core.pack.emblem, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Return a static file, compressed where the browser can read that.

    While an upgrade is under way a page of the other version may ask for its own: it gets ours, and keeps it for no
    longer than that page. Nobody keeps one version's file at the other one's address.

    Pages with a form are left to a proxy to compress: they hold the session's token beside what was typed (BREACH).
    """
    if name not in MEDIA_TYPES:
        raise NotFoundError
    ours = request.query_params.get("v", versions()[name]) == versions()[name]
    content, headers = read_static(name), {"Cache-Control": _KEEP if ours else "no-store"}
    if name not in _FONTS and "gzip" in request.headers.get("accept-encoding", ""):
        content = _compressed(name)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=MEDIA_TYPES[name], headers=headers | {"Vary": "Accept-Encoding"})
