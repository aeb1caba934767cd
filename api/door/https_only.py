"""Where people reach the site by https, what a proxy passes on from plain http is not answered.

A page that is looked at leads to its https address. Everything else is refused: a redirect would let a program go on
that sends its token over the network where everyone reads it.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deps import core_of, is_api
from api.door.refusals import refusal
from api.errors import InsecureError
from api.incoming.client_address import is_trusted

_FORWARDED: Final = "x-forwarded-proto"


class HttpsOnly:
    """Refuses calls of which a trusted proxy says that they came by http; what says nothing, as a probe, may pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request = Request(scope) if scope["type"] == "http" else None
        if request is None or not _came_by_http(request):
            await self._app(scope, receive, send)
        elif request.method in {"GET", "HEAD"} and not is_api(request):
            await RedirectResponse(_by_https(request), 308)(scope, receive, send)
        else:
            await refusal(request, InsecureError())(scope, receive, send)


def _came_by_http(request: Request) -> bool:
    said = request.headers.get(_FORWARDED, "").strip().lower()
    return said == "http" and is_trusted(request, core_of(request).settings.trusted_proxies)


def _by_https(request: Request) -> str:
    """Return the same address at our own host, whatever host the request names."""
    ours, asked = urlsplit(core_of(request).settings.base_url), request.url
    return str(asked.replace(scheme=ours.scheme, netloc=ours.netloc))
