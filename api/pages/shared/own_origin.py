"""What comes from our own pages: another site's page is refused, and a form without the token of its session."""

import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from api.errors import ForeignOriginError


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
    if _server(origin) not in ours:
        raise ForeignOriginError


def check_token(sent: str, expected: str) -> None:
    """Refuse a form that does not carry the token of its session; raises ForeignOriginError."""
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ForeignOriginError


def _server(origin: str) -> str | None:
    """Return the server of an origin; None where it is none, such as ``http://[``."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


LONGEST_PATH: Final = 500


def safe_path(text: str) -> str:
    """Return a path on this site, or "" for anything that could lead elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text[:LONGEST_PATH]
