"""The smallest application, and the protocol of the site in a hurry, for `test_wire`."""

from api.door.wire import BoundedHttp

LARGE = 16 << 20
SENT = []


class HurriedHttp(BoundedHttp):
    """As the site has it, but nobody waits long."""

    head_seconds = body_seconds = linger_seconds = 0.5
    unread_seconds = 1.0


async def app(scope, receive, send):
    """Answer with how much came, /early before it came; /large with 16 MiB, /sent with how many of those are over."""
    assert scope["type"] == "http"
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    number = len(SENT) if scope["path"] == "/sent" else size
    body = bytes(LARGE) if scope["path"] == "/large" else str(number).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    if len(body) == LARGE:
        SENT.append(scope["client"])
