"""A whole site in this process, over real servers, with somebody of each role; every answer to it is judged."""

import asyncio
import io
import json
import logging
import re
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text

from api.incoming import fair_queue
from api.main import create_app
from benchmarks.hostile_inputs.faults import MOST_SECONDS, Ledger
from benchmarks.hostile_inputs.target import MIB
from benchmarks.hostile_inputs.tokens import SECRET
from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.base import logs
from booking.platform.base.clock import SettableClock
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.embedded.postgres import SUPERUSER
from tests.api.one_call import scope_of
from tests.support.country import START, cheap_settings, fill_country
from tests.support.databases import Databases
from tests.support.roles import as_app, as_role

COUNTING: Final = frozenset({"INSERT audit_entry"})
"""What a refused call may write: what the page shows that comes back, where looking at it is on record."""
KEPT: Final = re.compile(rb"\{mawid\}:sessions?:")
FORM: Final = "application/x-www-form-urlencoded"
ORIGIN: Final = "http://localhost:8000"
LEAKS: Final = re.compile(
    rb'Traceback \(most recent|File "/|site-packages|/booking/[a-z_/]+\.py|psycopg|sqlalchemy', re.IGNORECASE
)
WATCHER: Final = """
CREATE SCHEMA hostile;
CREATE TABLE hostile.touched (name text, op text);
CREATE FUNCTION hostile.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$BEGIN INSERT INTO hostile.touched VALUES (TG_TABLE_NAME, TG_OP); RETURN NULL; END$$;
DO $$DECLARE one record; BEGIN
  FOR one IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
    EXECUTE format('CREATE TRIGGER hostile AFTER INSERT OR UPDATE OR DELETE ON %s
      FOR EACH ROW EXECUTE FUNCTION hostile.note()', one.name);
  END LOOP; END$$;
"""
"""Notes each row that changes, in the transaction that changes it: what is rolled back was not changed."""


@dataclass(frozen=True)
class Actor:
    """Somebody with an account, or nobody; ``role`` is how the table of results calls them."""

    role: str
    account_id: UUID | None = None


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Site:
    """The application, and what is noted about it."""

    core: Core
    client: TestClient
    engine: Engine
    log: io.StringIO
    calls: int = 0

    def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Make one call from a network of its own."""
        answer, unread = Answer(), [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return unread.pop() if unread else await asyncio.Event().wait()  # nobody hangs up

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers.update((name.decode(), value.decode("latin-1")) for name, value in message["headers"])
            answer.body += message.get("body", b"")

        async def make() -> None:
            known = {"host": "localhost:8000", "content-length": str(len(body))} if body else {"host": "localhost:8000"}
            scope = scope_of(method, path, known | dict(headers))
            await self.client.app(scope | {"path": unquote(str(scope["path"]))}, receive, send)

        self.client.portal.call(make)
        self.calls += 1
        if self.calls % 40 == 0:
            self._forgive()
        return answer

    def touched(self) -> list[str]:
        """Return which tables had rows added, changed or removed since the last look, and forget it."""
        with self.engine.begin() as connection:
            found = sorted(connection.scalars(text("SELECT DISTINCT op || ' ' || name FROM hostile.touched")))
            if found:
                connection.execute(text("TRUNCATE hostile.touched"))
            return found

    def _forgive(self) -> None:
        """Forget what limits counted: refusals for being too many would be all that is seen."""
        keys = [key for key in self.core.redis.scan_iter(count=1000) if not KEPT.match(key)]
        if keys:
            self.core.redis.delete(*keys)


@dataclass
class Judge:
    """Says of each answer whether it is a fault, and keeps its request."""

    site: Site
    ledger: Ledger

    def call(
        self, name: str, route: str, request: Mapping[str, Any], *, body: bytes = b"", counted: bool = True
    ) -> Answer:
        """Make a call and judge the answer; ``route`` is the path with its names."""
        self.site.log.seek(0)
        self.site.log.truncate()
        before, began = _peak(), time.process_time()
        answer = self.site.call(request["method"], request["path"], request["headers"], body)
        took, grown = time.process_time() - began, _peak() - before
        kept = json.dumps({**request, "body": body.decode("latin-1")}, ensure_ascii=False).encode(errors="replace")
        if answer.status >= 500 or not answer.status:
            self.ledger.note(name, f"{answer.status} {route}: {self._told()}", kept)
        if LEAKS.search(answer.body):
            self.ledger.note(name, f"leak {route}", kept, answer.body.decode(errors="replace"))
        if took > MOST_SECONDS:
            self.ledger.note(name, f"slow {route}", kept, f"{took:.1f} s")
        if grown > 200 * MIB:
            self.ledger.note(name, f"memory {route}", kept, f"{grown >> 20} MiB")
        touched = self.site.touched()
        if 400 <= answer.status < 500:
            for one in set(touched) - COUNTING:
                self.ledger.note(name, f"refused with {answer.status}, but {one}: {request['method']} {route}", kept)
        if counted:
            self.ledger.tried(accepted=answer.status < 400)
        return answer

    def _told(self) -> str:
        """Return the class of the exception in the log, and the last places of ours."""
        lines = [json.loads(line) for line in self.site.log.getvalue().splitlines() if line.startswith("{")]
        found = next((one["exception"] for one in reversed(lines) if "exception" in one), "").splitlines()
        ours = [
            re.sub(r".*/(?=api/|booking/|fraud/|allocation/)", "", one) for one in found if "/site-packages/" not in one
        ]
        return " ".join(re.sub(r":\d+", "", one) for one in ours[-3:])


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@contextmanager
def a_site(folder: Path) -> Iterator[Site]:
    """Start servers of its own in a folder, fill a country, and open the application on it."""
    fair_queue.PAUSE_SECONDS = 0.0  # refusals are told at once
    folder.mkdir(parents=True, exist_ok=True)
    postgres, valkey = EmbeddedPostgres(folder / "p", durable=False), EmbeddedValkey(folder / "v", durable=False)
    log = io.StringIO()
    try:
        postgres.start()
        valkey.start()
        with Databases(postgres) as databases:
            databases.make_template("hostile_template")
            url = databases.copy("hostile_template")
            fill_country(url, valkey.url)
            engine = create_engine(as_role(url, SUPERUSER))
            with engine.begin() as connection:
                connection.execute(text(WATCHER))
            settings = cheap_settings(
                show_outbox=True, incoming_sms_number="1234", incoming_sms_secret=SecretStr(SECRET)
            )
            clock = SettableClock(START)
            with open_core(settings, database_url=as_app(url), redis_url=valkey.url, clock=clock) as core:
                core.redis.flushdb()
                logs.configure(log, logging.WARNING)
                with TestClient(create_app(core), base_url=ORIGIN, follow_redirects=False) as client:
                    yield Site(core, client, engine, log)
            engine.dispose()
    finally:
        valkey.stop()
        postgres.stop()
