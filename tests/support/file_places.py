"""Places for files: a folder, and a bucket of a server of S3 on this machine, which can fail as real ones do."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn
from nanio.app import build_app
from nanio.auth.credentials import StaticCredentialResolver
from nanio.config import Settings as ServerSettings
from nanio.errors import S3Error
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from booking.country.core.core import Core
from booking.platform.base.settings import Settings
from booking.platform.files.folder import FolderFiles
from booking.platform.files.watched import WatchedFiles
from tests.support.country import cheap_settings

KEY, SECRET, BUCKET = "AKIDOFATESTONLY", "a secret of a test only", "mawid-files"

PAGE = 50
"""Names in one call of a list."""

Fault = Callable[[Scope, Send], Awaitable[bool]]
"""Answers a call in the server's place, or returns False and lets it pass."""


def with_files_in(core: Core, folder: Path) -> Core:
    """Return the same core with a folder for files of its own."""
    settings = core.settings.model_copy(update={"evidence_dir": folder})
    return replace(core, settings=settings, files=WatchedFiles(FolderFiles(folder)))


@dataclass
class Bucket:
    """A bucket, the folder with its objects, what it does wrong just now, and the methods of all calls."""

    address: str
    folder: Path
    fault: Fault | None = None
    asked: list[str] = field(default_factory=list)

    def settings(self, **changes: object) -> Settings:
        """Return settings that name the bucket."""
        named = {"s3_bucket": BUCKET, "s3_endpoint": self.address}
        keys = {"s3_access_key": SecretStr(KEY), "s3_secret_key": SecretStr(SECRET)}
        return cheap_settings(**(named | keys | changes))

    def keys(self) -> set[str]:
        """The names of what is in it."""
        files = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return {path.as_posix() for path in files if not path.parts[0].startswith(".")}


@contextmanager
def a_bucket(folder: Path, *, certificate: Path | None = None) -> Iterator[Bucket]:
    """Run a server of S3 that checks signatures, with an empty bucket whose objects are files of a folder."""
    (folder / BUCKET).mkdir(parents=True)
    credentials = StaticCredentialResolver({KEY: SECRET})
    server = build_app(ServerSettings(data_dir=folder, credentials=credentials, max_list_keys=PAGE))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        scheme = "http" if certificate is None else "https"
        bucket = Bucket(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", folder / BUCKET)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            bucket.asked.append(scope["method"])
            if bucket.fault is not None:
                with suppress(asyncio.CancelledError):  # the server ends
                    if not await bucket.fault(scope, send):
                        await server(scope, receive, send)
                return
            if _was_changed(server, scope):
                await refuse(412, "PreconditionFailed")(scope, send)
                return
            await server(scope, receive, send)

        web = uvicorn.Server(
            uvicorn.Config(
                answer, lifespan="off", log_config=None, timeout_graceful_shutdown=0, ssl_certfile=certificate
            )
        )
        running = threading.Thread(target=web.run, kwargs={"sockets": [listening]})
        running.start()
        try:
            yield bucket
        finally:
            web.should_exit = True
            running.join()


def _was_changed(server: Starlette, scope: Scope) -> bool:
    """Whether an object is not what a write says that it must be: this server does not look at ``If-Match`` itself."""
    expected = dict(scope["headers"]).get(b"if-match")
    if expected is None:
        return False
    try:
        found = server.state.storage.head_object(BUCKET, scope["path"].removeprefix(f"/{BUCKET}/"))
    except S3Error:
        return True
    return found.etag.encode() != expected


def refuse(status: int, code: str) -> Fault:
    """Answer every call with an error of S3."""

    async def act(_: Scope, send: Send) -> bool:
        await _send(send, status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())
        return True

    return act


async def forget(scope: Scope, send: Send) -> bool:
    """Say that every write was done, and do nothing."""
    if scope["method"] != "PUT":
        return False
    await _send(send, 200, b"")
    return True


async def spoil(scope: Scope, send: Send) -> bool:
    """Give back something else than what was kept."""
    if scope["method"] != "GET":
        return False
    await _send(send, 200, b"something else")
    return True


async def never_answer(_: Scope, __: Send) -> bool:
    """Take a call, and say nothing for ever."""
    await asyncio.Event().wait()
    return True


async def drip(scope: Scope, send: Send) -> bool:
    """Answer a byte at a time, each quickly enough, and all of them never."""
    if scope["method"] != "GET":
        return False
    await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, (b"content-length", b"99999")]})
    while True:
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(0.02)


_HEADERS = [
    (b"content-type", b"application/xml"),
    (b"etag", b'"1"'),
    (b"last-modified", b"Sat, 28 Nov 2026 12:00:00 GMT"),
]


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
