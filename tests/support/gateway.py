"""A provider of text messages on this machine: it takes them over HTTP, keeps them, and can fail as real ones do."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.support.waiting import PATIENCE, ended


@dataclass
class Taken:
    """A text that the provider took."""

    path: str
    to: str
    title: str
    text: str


@dataclass
class Gateway:
    """What stands at the provider: ``answers`` are the statuses of the next calls, then all are taken.

    While ``answering`` is not set it takes what comes, and answers nobody.
    """

    address: str
    taken: list[Taken] = field(default_factory=list)
    asked: int = 0
    answers: list[int] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "sms") -> str:
        """Return the gateway's address as a setting."""
        return f"json://{self.address}/{path}?-to={{to}}"

    def texts(self, to: str) -> list[str]:
        """What a phone received, oldest first."""
        return [one.text for one in self.taken if one.to == to]


@contextmanager
def a_gateway() -> Iterator[Gateway]:
    """Run a provider."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["content-length"])))
            where = urlsplit(self.path)
            with lock:
                gateway.asked += 1
                status = gateway.answers.pop(0) if gateway.answers else 200
                if status == 200:
                    to = parse_qs(where.query)["to"][0]
                    gateway.taken.append(Taken(where.path, to, content.get("title", ""), content["message"]))
            gateway.answering.wait(PATIENCE)
            with suppress(ConnectionError):  # of a process that was killed meanwhile
                self.answer(status)

        def answer(self, status: int) -> None:
            self.send_response(status)
            if status == 307:
                self.send_header("location", self.path)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(f"127.0.0.1:{server.server_address[1]}")
    gateway.answering.set()
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    running.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        ended(running)
        server.server_close()
