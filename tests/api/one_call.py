"""One request to an application and how its answer begins, with no client around it: for tests that make thousands."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import count

from fastapi.testclient import TestClient

_ADDRESSES = (ip_address("10.0.0.1") + 256 * number for number in count())


@dataclass(frozen=True)
class Start:
    """How an answer begins."""

    status_code: int
    location: str


def one_call(client: TestClient, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Start:
    """Call the application of a client that has been entered, in the client's event loop."""

    async def call() -> Start:
        unread, parts = [{"type": "http.request", "body": body, "more_body": False}], []

        async def receive():
            return unread.pop() if unread else await asyncio.Event().wait()  # nobody hangs up

        async def send(message):
            parts.append(message)

        await client.app(scope_of(method, path, headers), receive, send)
        start = parts[0]
        return Start(start["status"], dict(start["headers"]).get(b"location", b"").decode())

    return client.portal.call(call)


def scope_of(method: str, path: str, headers: Mapping[str, str]) -> dict[str, object]:
    """Describe a request as a server does, each from a network of its own."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": (str(next(_ADDRESSES)), 50_000),
        "server": ("localhost", 8000),
        "state": {},
    }
