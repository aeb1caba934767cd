"""Secret addresses of calendars: given once, and what is read from them."""

from collections.abc import Collection
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.outgoing.caching import is_known
from booking.country.core.core import Core
from booking.people.calendars.views import read_feed
from booking.platform.models.accounts.reaching import FeedKind

TYPE: Final = "text/calendar; charset=utf-8"
KEPT_SECONDS: Final = 600
"""How long a program may show what it has without asking."""


def address_of(core: Core, secret: str, *, kind: FeedKind) -> str:
    """Return the whole address of a calendar: it alone opens it."""
    return f"{core.settings.base_url}/calendar/{'' if kind is FeedKind.OWN else 'office/'}{secret}.ics"


def send_calendar(request: Request, core: Core, secret: str, *, kinds: Collection[FeedKind]) -> Response:
    """Answer a program with the calendar of a secret, or with 304 where it has it; raises NotFoundError."""
    calendar = read_feed(core, secret=secret, kinds=kinds)
    headers = {
        "ETag": f'"{calendar.tag}"',
        "Cache-Control": f"private, max-age={KEPT_SECONDS}",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(calendar.text(), 200, headers, TYPE)
