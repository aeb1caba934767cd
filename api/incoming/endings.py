"""Calls of the API that will end: declared beside the route, told in each of its answers, and written in the document.

RFC 9745 (``Deprecation``) and RFC 8594 (``Sunset``). What the policy is stands in ``docs/api-changes.md``.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, Final

from starlette.routing import BaseRoute
from starlette.types import Message, Send

LEAST_NOTICE: Final = timedelta(days=183)
"""From the day on which an end is announced to the end."""
ANNOUNCED, ENDS, INSTEAD = "x-deprecated", "x-sunset", "x-instead"
_CHANGES: Final = "/api/v1/docs"

Fields = Sequence[tuple[bytes, bytes]]


def ending(*, announced: date, ends: date, instead: str = "") -> dict[str, Any]:
    """Return what a route is declared with, beside its path, when it will end: ``@router.get("/old", **ending(…))``.

    Parameters
    ----------
    announced
        The day from which programs should use something else; a release with this declaration was out by then.
    ends
        The first day on which the call may be gone. Both begin at midnight, UTC.
    instead
        The path of the call that takes its place; "" where nothing does.

    Raises
    ------
    ValueError
        There are fewer days between them than `LEAST_NOTICE`.
    """
    if ends - announced < LEAST_NOTICE:
        raise ValueError(f"a call ends at least {LEAST_NOTICE.days} days after that was announced")
    told = {ANNOUNCED: announced.isoformat(), ENDS: ends.isoformat()} | ({INSTEAD: instead} if instead else {})
    return {"deprecated": True, "openapi_extra": told}


def fields_of(route: BaseRoute) -> Fields:
    """Return the header fields of each answer of a route; none where it stays."""
    told = getattr(route, "openapi_extra", None) or {}
    if ENDS not in told:
        return ()
    links = [f'<{_CHANGES}>; rel="deprecation"; type="text/html"']
    if INSTEAD in told:
        links.append(f'<{told[INSTEAD]}>; rel="successor-version"')
    return (
        (b"deprecation", f"@{int(_midnight(told[ANNOUNCED]).timestamp())}".encode()),
        (b"sunset", format_datetime(_midnight(told[ENDS]), usegmt=True).encode()),
        (b"link", ", ".join(links).encode()),
    )


def telling(send: Send, fields: Fields) -> Send:
    """Return a way to answer on which the head of an answer has some fields more."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *fields]}
        await send(message)

    return told


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)
