"""The door: before the first byte of a body is read it is known who calls, and that the route may have such a body."""

from collections.abc import Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import JSON, Body, body_in, calls_of, check_json, check_type
from api.deps import Guard, signed_in, visit_of
from api.errors import BodyTooLargeError
from api.v1.guards import bearer, caller_of

_END: Final = "http.disconnect"


class Door:
    """Lets a route read no other body than `api.bodies` says, stated in length or not, and of no stranger.

    Nothing happens until the route begins to read, when it is known which route it is. So whoever is refused for
    another reason has sent nothing that was read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        body: Body | None = None
        received = 0

        async def receive_some(body: Body) -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > body.largest:
                raise BodyTooLargeError
            return message

        async def receive_known() -> Message:
            nonlocal body
            if body is not None:
                return await receive_some(body)
            body = body_in(request)
            await _admit(request, body)
            if body is not JSON:
                return await receive_some(body)
            content = bytearray()
            while True:
                message = await receive_some(body)
                if message["type"] == _END:
                    return message
                content += message.get("body", b"")
                if not message.get("more_body", False):
                    check_json(bytes(content), body)
                    return {"type": "http.request", "body": bytes(content), "more_body": False}

        await self._app(scope, receive_known, send)


async def _admit(request: Request, body: Body) -> None:
    """Refuse whoever may not call, a body that is stated to be too long, and one of another type.

    Raises
    ------
    NotSignedInError, ForbiddenError
        The route needs a token or an account, or a role that this account has not.
    BodyTooLargeError
        The stated length is more than the route may have.
    UnsupportedMediaTypeError
        It is of another type.
    """
    asked = calls_of(request.scope.get("route"))
    if not body.from_strangers and (bearer in asked or signed_in in asked):
        await run_in_threadpool(_check_caller, request, asked)
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > body.largest:
        raise BodyTooLargeError
    check_type(request)


def _check_caller(request: Request, asked: frozenset[Callable[..., Any]]) -> None:
    account = caller_of(request) if bearer in asked else signed_in(visit_of(request))
    for call in asked:
        if isinstance(call, Guard):
            call(account)
