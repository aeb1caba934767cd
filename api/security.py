"""Headers, body size and the origin of forms: what holds for every page and call."""

import hmac
import re
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLargeError, ForeignOriginError

LARGEST_BODY: Final = 64 * 1024  # bytes; the longest form is a tenth of this
LARGEST_UPLOAD: Final = 32 * 1024 * 1024
"""Three times the largest file that is taken, so that whoever sends a larger one can be told so on their page."""
LARGEST_RULES: Final = 256 * 1024  # 64 KiB of rules, of which Arabic grows threefold in a form
_RULES: Final = re.compile(r"/analyst/rules/(check|drafts/[^/]+)")
_UPLOADS: Final = re.compile(
    r"/requests/[^/]+/urgent/evidence|(?:/api/v1)?/requests/[^/]+/urgent/uploads/[^/]+"
    r"|(?:/api/v1)?/online/cases/[^/]+/papers(?:/[^/]+)?|/helper/people/[^/]+/photo"
)

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; manifest-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}
_HSTS: Final = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """Adds the headers that keep pages to themselves; a route that sets one of them itself keeps its own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _HSTS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses bodies over ``LARGEST_BODY``, ``LARGEST_UPLOAD`` where files are sent, ``LARGEST_RULES`` for rules.

    Their stated length is looked at or, where none is stated, what comes in.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "")
        largest = LARGEST_UPLOAD if _UPLOADS.fullmatch(scope["path"]) else LARGEST_BODY
        largest = LARGEST_RULES if _RULES.fullmatch(scope["path"]) else largest
        too_large = stated.isdecimal() and int(stated) > largest
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            if too_large:
                raise BodyTooLargeError
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise BodyTooLargeError
            return message

        await self._app(scope, receive_some, send)


def check_origin(request: Request, base_url: str) -> None:
    """Refuse what a browser sends from another site; programs that send neither header pass.

    ``Sec-Fetch-Site`` cannot be forged by a page; older browsers send ``Origin`` with every form.

    Raises
    ------
    ForeignOriginError
        The browser says that another site sent this.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignOriginError
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    ours = {urlsplit(base_url).netloc, request.headers.get("host", "")}
    if urlsplit(origin).netloc not in ours:
        raise ForeignOriginError


def check_token(sent: str, expected: str) -> None:
    """Refuse a form that does not carry the token of its session; raises ForeignOriginError."""
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ForeignOriginError
