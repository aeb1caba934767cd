"""Who may read /metrics: those who show the token; if none is set, all in a demonstration, nobody in production."""

import hmac

from starlette.requests import Request

from booking.base.errors import NotFoundError
from booking.base.settings import Environment, Settings


def require_reader(request: Request, settings: Settings) -> None:
    """Let a reader of the metrics pass.

    Raises
    ------
    NotFoundError
        The request does not show the token, or none is set and this is production: as if the page were not there.
    """
    token = settings.metrics_token
    if token is None:
        if settings.environment is Environment.PRODUCTION:
            raise NotFoundError
        return
    shown = request.headers.get("authorization", "")
    if not hmac.compare_digest(shown.encode(), f"Bearer {token.get_secret_value()}".encode()):
        raise NotFoundError
