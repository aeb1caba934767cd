"""A witness that can be asked over HTTP: C2SP tlog-witness, parts of random values, and a look at its copy."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import uvicorn

from booking.transparency.witness.asked import MOST_BYTES, add_checkpoint, sign_round
from booking.transparency.witness.cosigning import (
    ForkError,
    InconsistentError,
    OtherLogError,
    StaleError,
    UnreadableError,
    UnsignedError,
)
from booking.transparency.witness.errors import NotYetError, WitnessError
from booking.transparency.witness.findings import TEXT
from booking.transparency.witness.folder import IDENTITY
from booking.transparency.witness.mirror import CHECKPOINT, FOLDER
from booking.transparency.witness.page import ADDRESSES, EVIDENCE, show
from booking.transparency.witness.rounds import OtherStatementError
from booking.transparency.witness.watch import Watch

_Message: TypeAlias = MutableMapping[str, Any]
_PATIENCE: Final = 15.0
_AT_ONCE: Final = 64
_WORDS: Final = "text/plain; charset=utf-8"
_BUNDLE: Final = re.compile(r"/tile/entries(?:/x[0-9]{3}){0,5}/[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?")
_GUARDS: Final = (
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_STATUS: Final[Mapping[type[WitnessError], int]] = {
    UnreadableError: 400,
    UnsignedError: 403,
    OtherLogError: 404,
    StaleError: 409,
    ForkError: 409,
    OtherStatementError: 409,
    NotYetError: 409,
    InconsistentError: 422,
}


class Reply(Exception):  # noqa: N818 - an answer, which may be given from anywhere
    """What is answered: a status, a body and its kind."""

    def __init__(self, status: int, body: bytes = b"", kind: str = _WORDS) -> None:
        super().__init__(status)
        self.status, self.body, self.kind = status, body, kind


class Asked:
    """The witness as an ASGI application."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        try:
            async with asyncio.timeout(_PATIENCE):
                body = await _whole(receive) if scope["method"] == "POST" else b""
            reply = await asyncio.to_thread(self.answer, scope["method"], scope["path"], body)
        except TimeoutError:
            reply = Reply(408)
        except Reply as early:
            reply = early
        headers = [(b"content-type", reply.kind.encode()), (b"content-length", str(len(reply.body)).encode()), *_GUARDS]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """Return the answer to a request."""
        try:
            match method, path:
                case "POST", "/add-checkpoint":
                    return Reply(200, add_checkpoint(self._watch, body).encode())
                case "POST", "/sign-round":
                    return Reply(200, sign_round(self._watch, body), "application/json")
                case "GET", _:
                    return self._shown(path)
                case _:
                    return Reply(405)
        except StaleError as stale:
            return Reply(409, f"{stale.size}\n".encode(), "text/x.tlog.size")
        except WitnessError as error:
            return Reply(_STATUS.get(type(error), 409), f"{error}\n".encode())

    def _shown(self, path: str) -> Reply:
        """Return what everyone may see: the page, the copy as the log serves it, and what was found."""
        if path in ADDRESSES:
            return Reply(200, show(self._watch, ADDRESSES[path]), "text/html; charset=utf-8")
        if path == f"/{CHECKPOINT}":
            shown = self._watch.hearing.shown
            return Reply(200, shown) if shown else Reply(404)
        if (found := _file_at(path)) is not None:
            return _file(self._watch.folder.path / found[0], found[1])
        return Reply(404)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; whoever connects is answered as soon as `serve` runs.

    Raises
    ------
    OSError
        The address is taken, or is none of this computer.
    """
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def serve(watch: Watch, listening: socket.socket) -> None:
    """Answer requests until the process is interrupted."""
    config = uvicorn.Config(
        Asked(watch),
        lifespan="off",
        interface="asgi3",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=5,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _file_at(path: str) -> tuple[str, str] | None:
    """Return which file of a folder an address shows, and of which kind; None for all that is nobody's business."""
    if (evidence := EVIDENCE.fullmatch(path)) is not None:
        return evidence[1], _WORDS
    if _BUNDLE.fullmatch(path):
        return f"{FOLDER}{path}", "application/octet-stream"
    return {"/findings": (TEXT, _WORDS), "/identity": (IDENTITY, "application/json")}.get(path)


def _file(path: Path, kind: str) -> Reply:
    try:
        return Reply(200, path.read_bytes(), kind)
    except OSError:
        return Reply(404)


async def _whole(receive: Callable[[], Awaitable[_Message]]) -> bytes:
    """Read a body to its end and no further than it may be; raises Reply."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Reply(400, b"the body is too large\n")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)
