"""The smallest application, and the protocol of the site in a hurry, for `test_wire`."""

from api.wire import BoundedHttp


class HurriedHttp(BoundedHttp):
    """As the site has it, but nobody waits long."""

    head_seconds = body_seconds = linger_seconds = 0.5


async def app(scope, receive, send):
    """Answer /early before the body is read, anything else with how much came."""
    assert scope["type"] == "http"
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
