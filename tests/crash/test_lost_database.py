"""PostgreSQL is killed under a call, wherever that is: 503 and when to come back; the same key finds what was kept."""

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from api.main import create_app
from booking.antifraud.gate.versions import publish_default_rules
from booking.country.catalogue.load import load_catalogue
from booking.country.core import sessions
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.platform.embedded import EmbeddedPostgres
from booking.platform.models import Request
from booking.platform.models.states import Door
from tests.conftest import MEMORY
from tests.support.country import a_member, an_account, cheap_settings
from tests.support.waiting import eventually

CALLS = 4
KEEPS = "INSERT INTO request "
DIRECT = cheap_settings(database_pooled=False)


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A durable server of these tests alone, with a catalogue and rules: what was committed must be found again."""
    with (
        TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        migrate(server.url)
        with open_core(DIRECT, database_url=server.url, redis_url="unix:///nowhere") as core:
            load_catalogue(core, pack=core.pack)
            publish_default_rules(core)
        yield server


@pytest.fixture
def served(postgres, redis_url, clock):
    """A core on that server."""
    with open_core(DIRECT, database_url=postgres.url, redis_url=redis_url, clock=clock) as core:
        yield core


class Killing:
    """Kills the server, and the process of the connection that comes to the point, once.

    The points ``commit`` and ``committed`` are those of a transaction that keeps a request.
    """

    def __init__(self, postgres, engine, point):
        self.postgres, self.engine, self.point = postgres, engine, point
        self.done = self.keeps = False
        self.commit = engine.dialect.do_commit

    def kill(self, connection):
        if not self.done:
            self.done = True
            os.kill(self.postgres.process_id, signal.SIGKILL)
            os.kill(connection.info.backend_pid, signal.SIGKILL)

    def begin(self, connection):
        if self.point == "begin":
            self.kill(connection.connection.dbapi_connection)

    def after_cursor_execute(self, connection, _cursor, statement, *_):
        self.keeps = self.keeps or KEEPS in statement
        if self.point in statement:
            self.kill(connection.connection.dbapi_connection)

    def do_commit(self, connection):
        if self.keeps and self.point == "commit":
            self.kill(connection.dbapi_connection)
        self.commit(connection)
        if self.keeps and self.point == "committed" and not self.done:
            self.kill(connection.dbapi_connection)
            connection.dbapi_connection.execute("SELECT 1")


@contextmanager
def killed(core, postgres, point):
    """Kill the server at the next transaction that comes to a point; yield what says whether one did."""
    engine = core.sessions.kw["bind"]
    killing = Killing(postgres, engine, point)
    listeners = {name: getattr(killing, name) for name in ("begin", "after_cursor_execute")}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    engine.dialect.do_commit = killing.do_commit
    yield killing
    del engine.dialect.do_commit
    for name, listener in listeners.items():
        event.remove(engine, name, listener)


def answers(postgres):
    try:
        with psycopg.connect(postgres.dsn):
            return True
    except psycopg.OperationalError:
        return False


def asks(core):
    """Return calls of people who ask, each with a key of its own."""
    made = []
    for _ in range(CALLS):
        account = an_account(core)
        member = a_member(core, account)
        token, _ = sessions.create(core, account_id=account, language="en", door=Door.HOME, roles=("citizen",))
        wish = {"service": "passport-renewal", "people": [member], "offices": ["damascus"], "bands": ["morning"]}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        made.append({"method": "POST", "url": "/api/v1/requests", "json": wish, "headers": headers})
    return made


def at_once(app, calls):
    """Make calls at the same time in one event loop; return their answers."""

    async def everyone():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            return await asyncio.gather(*(client.request(**one) for one in calls))

    return asyncio.run(everyone())


@pytest.mark.parametrize("point", ["begin", "FROM household_member", KEEPS, "commit", "committed"])
def test_who_asks_meanwhile_is_told_to_come_back_and_their_key_finds_it(served, postgres, point):
    app, calls = create_app(served), asks(served)
    with served.sessions() as session:
        before = session.scalar(select(func.count()).select_from(Request))
    with killed(served, postgres, point) as kill:
        told = at_once(app, calls)
    assert kill.done
    assert {one.status_code for one in told} <= {201, 503}
    assert any(one.status_code == 503 for one in told)
    assert all(int(one.headers["retry-after"]) > 0 for one in told if one.status_code == 503)
    eventually(lambda: answers(postgres))

    again = at_once(app, calls)

    assert [one.status_code for one in again] == [201] * CALLS
    with served.sessions() as session:
        kept = session.scalar(select(func.count()).select_from(Request))
    assert kept == before + CALLS
    assert len({one.json()["reference"] for one in again}) == CALLS


def test_a_form_that_was_typed_while_the_database_is_killed_is_given_back(served, postgres):
    with TestClient(create_app(served), base_url="http://localhost:8000") as visitor:
        page = visitor.get("/sign-in").text
        [csrf] = re.findall(r'name="csrf" value="([^"]+)"', page)
        typed = {"csrf": csrf, "username": "salma", "password": "a password of hers"}
        with killed(served, postgres, "FROM account"):
            told = visitor.post("/sign-in", data=typed)
        eventually(lambda: answers(postgres))

        assert (told.status_code, int(told.headers["retry-after"]) > 0) == (503, True)
        assert 'name="username" value="salma"' in told.text
        assert "a password of hers" not in told.text
        assert visitor.post("/sign-in", data=typed).status_code != 503
