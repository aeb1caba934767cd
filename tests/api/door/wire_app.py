"""The smallest application, and the protocol of the site in a hurry, for `test_wire`."""

import socket

from api.door.wire import BoundedHttp

LARGE = 16 << 20
ENDED = []


class HurriedHttp(BoundedHttp):
    """As the site has it, but nobody waits long."""

    head_seconds = body_seconds = linger_seconds = 0.5
    unread_seconds = 1.0

    def connection_made(self, transport):
        """Let the kernel hold little of what is sent: it gives a dropped client the rest, and slowly."""
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        super().connection_made(transport)

    def connection_lost(self, exc):
        if self.scope is not None and self.scope["path"] == "/large":
            ENDED.append(self.scope["client"])
        super().connection_lost(exc)


async def app(scope, receive, send):
    """Answer with how much came, /early before it came; /large with 16 MiB, /ended with how many of those are over."""
    assert scope["type"] == "http"
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    number = len(ENDED) if scope["path"] == "/ended" else size
    body = bytes(LARGE) if scope["path"] == "/large" else str(number).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
