"""The smallest application, and the protocol of the site in a hurry, for `test_wire`."""

import asyncio
import socket
from types import SimpleNamespace

from api.door.wire import BoundedHttp
from api.incoming import moments
from api.outgoing.published import HAS_LEFT

moments.PAUSE_SECONDS = 0.0
LARGE = 16 << 20
DEAF_ENDED = asyncio.Event()
HERE, LEFT, SEEN = asyncio.Event(), asyncio.Event(), []


class PatientHttp(BoundedHttp):
    """As the site has it, but nobody is left however late they come on a busy machine."""

    head_seconds = body_seconds = linger_seconds = leaving_seconds = unread_seconds = 600.0


class HurriedHttp(BoundedHttp):
    """As the site has it, but nobody waits long."""

    head_seconds = body_seconds = linger_seconds = leaving_seconds = 0.5
    unread_seconds = 1.0

    def connection_made(self, transport):
        """Let the kernel hold little of what is sent: it gives a dropped client the rest, and slowly."""
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        super().connection_made(transport)

    def connection_lost(self, exc):
        if self.scope is not None and self.scope.get("path") == "/deaf":
            DEAF_ENDED.set()
        super().connection_lost(exc)


async def app(scope, receive, send):
    """Answer with how much came, /early before it came; /large and /deaf with 16 MiB, /ended once a /deaf is over.

    /waits has no answer until its caller has left, and /here one as soon as somebody waits so; then /left says whether
    that was to be seen before and since.
    """
    assert scope["type"] == "http"
    if scope["path"] == "/waits":
        SEEN.append(scope["state"][HAS_LEFT]())
        HERE.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        SEEN.append(scope["state"][HAS_LEFT]())
        LEFT.set()
        return
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    if scope["path"] == "/ended":
        await DEAF_ENDED.wait()
    if scope["path"] == "/here":
        await HERE.wait()
    if scope["path"] == "/left":
        await LEFT.wait()
        size = SEEN
    body = bytes(LARGE) if scope["path"] in {"/large", "/deaf"} else str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Crowded:
    """Who opens /crowded is turned away, and who sends something to /sent, which is given back."""

    def answer(self, method, target, fields, always):
        if target == b"/sent":
            return lambda form: b"HTTP/1.1 503 Crowded\r\ncontent-length: %d\r\n\r\n%b" % (len(form), form)
        return b"HTTP/1.1 503 Crowded\r\ncontent-length: 4\r\n\r\nlong" if target == b"/crowded" else None


app.state = SimpleNamespace(turned_away=Crowded())
