"""The door: a call is within the budgets of its class, and before a body is read it is known who calls."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.deps import Guard, SignedIn, given_visit, signed_in
from api.door.arriving import Arriving, OneArriving
from api.door.budgets import Budgets, Turn
from api.door.refusals import refusal
from api.door.typed_again import READ, TYPED, may_be_given_back, read_typed
from api.errors import BodyTooLargeError
from api.incoming.bodies import FILE, FILE_FORM, JSON, PART, Body, body_in, calls_of, check_json, check_type
from api.incoming.moments import slow_down
from api.v1.calls.guards import bearer, caller_of
from booking.people.evidence.errors import UploadRunningError
from booking.people.evidence.turns import RETRY_SECONDS
from booking.platform.base.errors import BusyError, TooManyAttemptsError

WITH_FILES: Final = (FILE, PART, FILE_FORM)

_END: Final = "http.disconnect"


class Door:
    """Lets a call in by the budgets of its class, and a route read no other body than `api.incoming.bodies` says.

    Work begins when it is the call's turn (`api.door.budgets`): at once where the route reads no body, or else when the
    body is whole, so that nobody takes a turn by sending slowly. Of a body nothing is read until the route begins to,
    when it is known which route it is: a caller who is refused for another reason has sent nothing that was read. An
    account has few bodies with files at once, and so has a process (`api.door.arriving`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._arriving = Arriving()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        budgets: Budgets = request.app.state.budgets
        with ExitStack() as stack:
            try:
                asked = budgets.admit(request)
            except TooManyAttemptsError as error:
                await slow_down()
                await read_typed(request, receive)
                await refusal(request, error)(scope, receive, send)
                return
            turn = request.state.turn = budgets.turn(await budgets.look_closer(request, asked))
            stack.callback(turn.end)
            try:
                await (turn.check() if asked.reads else turn.begin())
            except BusyError as error:
                await read_typed(request, receive)
                await refusal(request, error)(scope, receive, send)
                return

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    turn.answered()
                    budgets.familiar.note(request, message)
                await send(message)

            incoming = _Incoming(request, receive, turn, asked.network, self._arriving, stack)
            await self._app(scope, incoming, answer)


class _Incoming:
    """The body of one request, piece by piece as its route reads it; JSON all at once, when it is known to be sound."""

    def __init__(
        self, request: Request, receive: Receive, turn: Turn, network: bytes, arriving: Arriving, stack: ExitStack
    ) -> None:
        self._request, self._receive, self._turn, self._network = request, receive, turn, network
        self._arriving, self._stack = arriving, stack
        self._body: Body | None = None
        self._file: OneArriving | None = None
        self._received = 0
        self._typed = bytearray() if may_be_given_back(request) else None

    async def __call__(self) -> Message:
        """Return what comes next; the end of the body when it is the call's turn."""
        if self._body is None:
            body = self._body = body_in(self._request)
            account = await _admit(self._request, body)
            if account is not None and body in WITH_FILES:
                in_memory = body is not FILE_FORM
                arriving = self._arriving.begin(account.account_id, self._network, in_memory=in_memory)
                self._file = self._stack.enter_context(arriving)
        message = await (self._json(self._body) if self._body is JSON else self._some(self._body))
        if self._typed is not None:
            self._typed += message.get("body", b"")
        if message["type"] != _END and not message.get("more_body", False):
            if self._typed:
                self._request.scope["state"][READ] = bytes(self._typed)
            await self._begin()
        return message

    async def _begin(self) -> None:
        try:
            await self._turn.begin()
        except BusyError:
            self._request.scope["state"][TYPED] = bytes(self._typed or b"")
            raise

    async def _json(self, body: Body) -> Message:
        content = bytearray()
        while True:
            message = await self._some(body)
            if message["type"] == _END:
                return message
            content += message.get("body", b"")
            if not message.get("more_body", False):
                check_json(bytes(content), body)
                return {"type": "http.request", "body": bytes(content), "more_body": False}

    async def _some(self, body: Body) -> Message:
        message = await (self._receive() if self._file is None else self._file.receive(self._receive))
        if message is None and body is PART:  # what came is kept
            return {"type": _END}
        if message is None:
            raise UploadRunningError(RETRY_SECONDS)
        self._received += len(message.get("body", b""))
        if self._received > body.largest:
            raise BodyTooLargeError
        return message


async def _admit(request: Request, body: Body) -> SignedIn | None:
    """Refuse a caller who may not call, a body stated to be too long, and one of another type; return who calls.

    None where the route reads what strangers send.

    Raises
    ------
    NotSignedInError
        The route needs a token or a signed-in account, and there is none.
    ForbiddenError
        The route needs a role that this account does not have.
    BodyTooLargeError
        The stated length is more than the route may have.
    UnsupportedMediaTypeError
        It is of another type.
    """
    asked, account = calls_of(request.scope.get("route")), None
    if not body.from_strangers and (bearer in asked or signed_in in asked):
        account = await _check_caller(request, asked)
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > body.largest:
        raise BodyTooLargeError
    check_type(request)
    return account


async def _check_caller(request: Request, asked: frozenset[Callable[..., Any]]) -> SignedIn:
    account = await (caller_of(request) if bearer in asked else signed_in(await given_visit(request)))
    for call in asked:
        if isinstance(call, Guard):
            call.check(account)
    return account
