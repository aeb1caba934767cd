"""A receiver of events for tests: it answers as it is told, keeps what it got, and checks signatures by the package."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import update
from standardwebhooks import Webhook
from typing_extensions import override

from booking.country.core.core import Core
from booking.people.webhooks.signing import make_secret
from booking.people.webhooks.subscribe import agree, subscribe
from booking.platform.models import WebhookEvent
from booking.platform.models.states import Role
from tests.support.country import a_colleague
from tests.support.waiting import ended


@dataclass(frozen=True)
class Got:
    """An event as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Its body, read."""
        return dict(json.loads(self.body))

    @property
    def id(self) -> str:
        """By which a receiver knows it again."""
        return self.headers["webhook-id"]

    def is_signed(self, secret: str) -> bool:
        """Whether one of its signatures is the package's own, whatever the time; `verify` looks at a real clock."""
        sent_at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        return Webhook(secret).sign(self.id, sent_at, self.body.decode()) in self.signatures

    @property
    def signatures(self) -> list[str]:
        """Its signatures, one for each secret."""
        return self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """What a receiver got; ``answers`` chooses the status of each, from what it is and how many came before."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: Callable[[Got, int], int] = lambda _got, _count: HTTPStatus.NO_CONTENT
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What came, read."""
        return [one.event for one in self.got]

    @property
    def kinds(self) -> list[str]:
        """The kinds of what came."""
        return [one["type"] for one in self.events]


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    """Let a receiver listen on this machine."""
    receiver, lock = Receiver(), threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with lock:
                status = receiver.answers(got, len(receiver.got))
                receiver.got.append(got)
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/events?from=mawid"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        ended(thread)


def happened_now(core: Core) -> None:
    """Let all events have happened at the test's own time: the database has its own clock."""
    with core.sessions.begin() as session:
        session.execute(update(WebhookEvent).values(at=core.clock.now()))


def subscribed(core: Core, url: str, *kinds: str) -> tuple[UUID, str]:
    """Subscribe a system to all cases, as two administrators do; return its id and its secret."""
    first = a_colleague(core, Role.ADMINISTRATOR)
    asked = {"name": "Register of vehicles", "url": url, "reason": "by its letter of the first"}
    subscription_id = subscribe(core, by=first, kinds=kinds, **asked)
    agree(core, by=a_colleague(core, Role.ADMINISTRATOR), subscription_id=subscription_id)
    return subscription_id, make_secret(core, by=first, subscription_id=subscription_id)


def subscribed_agency(core: Core, url: str, *kinds: str, agency: str = "justice") -> tuple[UUID, str, UUID]:
    """Subscribe an agency's system, as its supervisor does; return its id, its secret, and the supervisor."""
    supervisor = a_colleague(core, Role.CASE_SUPERVISOR, agency=agency)
    asked = {"name": "Records of the court", "url": url, "reason": "the court keeps its own file"}
    subscription_id = subscribe(core, by=supervisor, kinds=kinds, **asked)
    return subscription_id, make_secret(core, by=supervisor, subscription_id=subscription_id), supervisor
