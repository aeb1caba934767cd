"""What a visitor gets when something is refused or breaks: a problem document or a page, never a stack trace."""

from collections.abc import Callable
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg import Error as DriverError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors as web
from api.deps import is_api, request_id, words_of
from api.door.refusals import refusal
from api.door.typed_again import TYPED, give_back
from api.problems.documents import problem_response
from booking.country.core.together import BrokenOffError
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError, MawidError, NotFoundError
from booking.platform.base.outages import is_outage

_log = structlog.get_logger("mawid.failures")

ErrorPage = Callable[[Request, MawidError], Response]

_BY_STATUS: Final[dict[int, type[MawidError]]] = {
    400: web.UnreadableBodyError,
    401: web.NotSignedInError,
    403: ForbiddenError,
    404: NotFoundError,
    405: web.MethodNotAllowedError,
    413: web.BodyTooLargeError,
    415: web.UnsupportedMediaTypeError,
}


def add_handlers(app: FastAPI, error_page: ErrorPage) -> None:
    """Answer every failure: programs get `api.problems.documents`, browsers get ``error_page``."""

    def answer(request: Request, error: MawidError) -> Response:
        request.state.refused = error
        if is_api(request):
            return problem_response(error, words_of(request), request_id(request))
        return (refusal if TYPED in request.scope["state"] else error_page)(request, error)

    def refused(request: Request, error: Any) -> Response:
        return answer(request, error)

    def invalid(request: Request, error: Any) -> Response:
        return answer(request, as_field_errors(error))

    def http(request: Request, error: Any) -> Response:
        if isinstance(error.__cause__, MawidError):  # raised while the body came in, and wrapped by FastAPI
            return answer(request, error.__cause__)
        response = answer(request, _BY_STATUS.get(error.status_code, web.UnexpectedError)())
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    def hung_up(request: Request, _: Any) -> Response:
        return answer(request, web.UnreadableBodyError())  # nobody reads it, and nothing is broken

    app.add_exception_handler(MawidError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, hung_up)
    for kind in (SQLAlchemyError, DriverError, RedisError, BrokenOffError):
        app.add_exception_handler(kind, _unavailable)
    app.state.answer_broken = lambda request: answer(request, web.UnexpectedError())


class LastResort:
    """Answers what no handler expected, inside our own middleware so that its headers are there too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            _log.error("broken", exc_info=error)
            request = Request(scope)
            response = await run_in_threadpool(request.app.state.answer_broken, request)
            await response(scope, receive, send)


async def _unavailable(request: Request, error: Any) -> Response:
    """Answer where a server was away; a page that reads nothing, for what it would read may be away too.

    In the event loop: threads may all be waiting for that server.
    """
    if not isinstance(error, BrokenOffError) and not is_outage(error):
        raise error
    _log.error("unavailable", exc_info=error)
    give_back(request)
    return refusal(request, web.UnavailableError())


def as_field_errors(error: RequestValidationError) -> MawidError:
    """Bring Pydantic's findings to our own words for fields; broken JSON is a body that cannot be read."""
    found: list[FieldError] = []
    for one in error.errors():
        if one["type"] == "json_invalid":
            return web.UnreadableBodyError()
        place = [str(part) for part in one["loc"] if part not in {"body", "query", "path", "header", "cookie"}]
        reason, limits = _REASONS.get(one["type"], "invalid_value"), one.get("ctx", {})
        values = {name: limits[told] for name, told in _LIMITS.get(reason, {}).items()}
        found.append(FieldError(".".join(place) or "body", reason, **values))
    return InvalidInputError(found)


_REASONS: Final = {
    "missing": "missing",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_few",
    "too_long": "too_many",
    "extra_forbidden": "unknown_field",
    "unreadable": "unreadable",
    "other_years": "other_years",
}
_LIMITS: Final = {"too_short": {"min": "min_length"}, "other_years": {"first": "first", "last": "last"}}
"""The limits that a reason's words name, by what Pydantic calls them."""
