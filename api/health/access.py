"""Who may read /metrics: those who show the token; if none is set, all in a demonstration, and else nobody."""

import hmac

from starlette.requests import Request

from booking.platform.base.errors import NotFoundError
from booking.platform.base.settings import Settings


def may_read(request: Request, settings: Settings) -> bool:
    """Return whether the request shows the token, or nobody needs one."""
    token = settings.metrics_token
    if token is None:
        return settings.show_outbox  # which only a demonstration does
    shown = request.headers.get("authorization", "")
    return hmac.compare_digest(shown.encode(), f"Bearer {token.get_secret_value()}".encode())


def require_reader(request: Request, settings: Settings) -> None:
    """Let a reader of the metrics pass.

    Raises
    ------
    NotFoundError
        The request may not read them: as if the page were not there.
    """
    if not may_read(request, settings):
        raise NotFoundError
