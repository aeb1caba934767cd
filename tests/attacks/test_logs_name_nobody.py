"""Somebody who may read logs, measures and events, and nothing else, looks for people in them.

Before, a lock that was not granted wrote names and birth dates as they had been typed, a job that failed quoted whole
rows, and so did PostgreSQL's own log.
"""

import io
import logging
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from booking.country.core import sessions
from booking.jobs import make_app
from booking.opening import open_core
from booking.people.registers.synthetic import Enrolled
from booking.platform.base import logs
from booking.platform.models import Base
from booking.platform.models.states import Door, Role
from tests.api.one_call import one_call
from tests.api.pages.browser import SITE
from tests.api.test_authorisation import OTHERS, declared
from tests.api.visitors import ACCOUNT, PUBLIC, SECOND_STEP
from tests.attacks.every_route import every_call
from tests.booking.antifraud.gate.people import under_review
from tests.booking.people.registers.people import invented_people
from tests.support import planted
from tests.support.country import METRICS, a_colleague, an_account, cheap_settings
from tests.support.roles import as_app, past_the_roles
from tests.support.stand_in import TOKEN, serving

QUOTES_ROWS = """
CREATE FUNCTION quote_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'no room', ERRCODE = '23514', DETAIL = 'Failing row contains ' || NEW::text;
END $$
"""
REFUSES = "CREATE TRIGGER quoting BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION quote_row()"
STAFF = (Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER, Role.ANALYST, Role.ADMINISTRATOR)


@pytest.fixture
def log():
    """What this process writes: its own lines, libraries' and security events."""
    stream = io.StringIO()
    logs.configure(stream, logging.DEBUG)
    yield stream
    logs.configure(io.StringIO(), logging.WARNING)


@pytest.fixture
def servers_said(_run_folder):
    """What PostgreSQL and Valkey wrote since the test began."""
    began = {path: path.stat().st_size for server in "pv" for path in Path(_run_folder, server).glob("*.log")}
    assert len(began) == 2
    return lambda: "".join(path.read_bytes()[size:].decode() for path, size in began.items())


@pytest.fixture
def core(country_url, redis_url, clock, log):
    """A country whose register is another process's, and knows the planted person too."""
    register = invented_people(clock)
    register.enrol(planted.NUMBER, Enrolled(planted.NAME, planted.BORN))
    servers = {"database_url": as_app(country_url), "redis_url": redis_url, "clock": clock}
    with (
        serving(register) as address,
        open_core(cheap_settings(register_url=address, register_token=TOKEN), **servers) as core,
    ):
        yield core


@pytest.fixture
def send(core, country, client):
    """Call routes as somebody who may, with everything planted, and yield what came back."""
    known = OTHERS | {"closure_id": "1", "reference": under_review(country)[1]}
    staff = {"account_id": a_colleague(core, *STAFF, office="damascus"), "roles": STAFF}
    who = {
        PUBLIC: {"account_id": None},
        SECOND_STEP: {"account_id": None, "proving": a_colleague(core, Role.OFFICER)},
        ACCOUNT: {"account_id": an_account(core)},
    }
    may = declared()

    def every(*, only=None):
        for path, call in every_call(client.app, known):
            if only is not None and (call.method, path) not in only:
                continue
            token, data = sessions.create(core, language="ar", door=Door.HOME, **who.get(may[call.method, path], staff))
            headers = {"host": "localhost:8000", "origin": SITE, "cookie": f"mawid={token}"} | call.headers
            headers |= {"authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
            body = call.body.replace(b"%7Bcsrf%7D", b"{csrf}").replace(b"{csrf}", data.csrf.encode())
            headers |= {"content-length": str(len(body))} if body else {}
            yield (call.method, path), one_call(client, call.method, call.path, headers, body).status_code

    return every


def quote_every_row(core):
    """Let whatever is written from now on be refused in words that quote all of it, as a broken constraint does."""
    with past_the_roles(core) as session:
        session.execute(text(QUOTES_ROWS))
        for table in Base.metadata.sorted_tables:
            session.execute(text(REFUSES.format(table.name)))


def test_no_log_measure_or_event_names_anybody_whatever_happens(core, send, client, log, servers_said):
    found = list(send())
    assert {200, 201, 202, 303, 401, 403, 404, 409, 422} <= {status for _, status in found}
    wrote = {route for route, status in found if route[0] != "GET" and status < 400}

    quote_every_row(core)
    broken = Counter(status for _, status in send(only=wrote))
    make_app(core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    measures = client.get("/metrics", headers=METRICS).text
    assert broken[500] > 2, broken
    ours, theirs = log.getvalue(), servers_said()
    assert [one for one in ("broken", "23514", "deliver", "event.action") if one not in ours] == []
    assert "no room" in theirs
    assert "mawid_http_seconds" in measures
    for said in (ours, theirs, measures):
        assert planted.found_in(said) == []
