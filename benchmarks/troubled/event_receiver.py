"""A receiver of events that checks them with the package of Standard Webhooks, and somebody who forges others.

``python -m benchmarks.troubled.event_receiver PORT FILE SECRET`` is the receiver, a process that can be killed.
"""

import asyncio
import http.client
import json
import os
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook, WebhookVerificationError

from booking.platform.base.webhooks import signed_headers


def forge(port: int, secret: str, over: threading.Event, counts: list[int]) -> None:
    """Send events that nobody may accept: of another secret, too old, changed after they were signed, not signed."""
    now = datetime.now(UTC)  # noqa: TID251 - the clock of the package that checks
    other = "whsec_" + "A" * 43 + "="
    while not over.wait(0.05):
        counts[0] += 1
        body = json.dumps({"type": "request.drawn", "data": {"reference": "FORGED"}}).encode()
        name, at = f"forged_{counts[0]}", now
        match counts[0] % 4:
            case 0:
                headers = signed_headers(other, message_id=name, body=body, at=at)
            case 1:
                headers = signed_headers(secret, message_id=name, body=body, at=at - timedelta(hours=1))
            case 2:
                headers = signed_headers(secret, message_id=name, body=b"{}", at=at)
            case _:
                headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp()))}
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("POST", "/events", body, headers)
            connection.getresponse().read()
            connection.close()


class Receiver(asyncio.Protocol):
    """The least that speaks HTTP: checks with the package, writes down, and only then answers."""

    def __init__(self, webhook: Webhook, kept: int) -> None:
        self.webhook, self.kept, self.read = webhook, kept, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a call once it is there whole."""
        self.read += data
        head, end, rest = self.read.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:]]
        fields = {name.lower(): value for name, value in lines} if end else {}
        if not end or len(rest) < int(fields["content-length"]):
            return
        self.read, status = b"", b"204 No Content"
        try:
            event = self.webhook.verify(rest, fields)
            os.write(self.kept, f"{fields['webhook-id']} {event['data']['reference']}\n".encode())
        except WebhookVerificationError:
            status = b"401 Unauthorized"
        self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")  # type: ignore[attr-defined]


async def receive(port: int, kept: str, secret: str) -> None:
    """Take events until it is killed; what was written down stays."""
    file, webhook = os.open(kept, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), Webhook(secret)
    await asyncio.get_running_loop().create_server(lambda: Receiver(webhook, file), "127.0.0.1", port)
    print("listens", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(receive(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
