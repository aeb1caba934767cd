"""Whatever breaks while somebody types, in the web, a job or a command: no log says what they typed."""

import io
import json
import logging
import threading
from datetime import date

import pytest
from sqlalchemy import text

from booking.jobs import make_app
from booking.platform.base import logs
from tests.support import planted
from tests.support.country import an_account, eligible_number
from tests.support.roles import past_the_roles

NAME, DAY, PHONE = "سلمى المرتجلة", date(1961, 4, 23), "+963944218637"
"""Of this test alone: PostgreSQL's log is one for all that run beside each other, and another test looks through it."""
BORN = DAY.isoformat()
TYPED = {"name": NAME, "birth_date": "23/4/1961", "relation": "spouse"}
CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
QUOTING = f"""
CREATE FUNCTION quote_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no room for {NAME}' USING ERRCODE = TG_ARGV[0], DETAIL = 'Key (name)=({NAME}, {BORN}, {PHONE})';
END $$
"""
BREAKS = "CREATE TRIGGER quoting BEFORE {} ON {} FOR EACH ROW EXECUTE FUNCTION quote_all('{}')"


@pytest.fixture
def log():
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    logs.configure(io.StringIO(), logging.WARNING)


def breaks(core, *, before, table, code="23505"):
    with past_the_roles(core) as session:
        session.execute(text(QUOTING))
        session.execute(text(BREAKS.format(before, table, code)))


def add_slowly(core, amal, body):
    """Add somebody while another transaction keeps the table; the statement that waits is cancelled."""
    answers = []
    adding = threading.Thread(target=lambda: answers.append(amal.post("/household/members", body)))
    with core.sessions.begin() as session:
        session.execute(text("LOCK TABLE household_member IN EXCLUSIVE MODE"))
        adding.start()
        while adding.is_alive():
            with core.sessions.begin() as other:
                other.execute(text(CANCEL))
            adding.join(0.01)
    return answers[0]


def test_failures_in_web_and_jobs_are_logged_without_personal_data(core, citizen, log):
    amal, number = citizen(numbers=()), eligible_number(core)
    body = TYPED | {"national_number": number}

    assert add_slowly(core, amal, body).status_code == 503
    assert amal.post("/household/members", body | {"birth_date": [BORN], "more": NAME}).status_code == 422
    breaks(core, before="INSERT", table="household_member")
    assert amal.post("/household/members", body).status_code == 500
    with past_the_roles(core) as session:
        session.execute(text(BREAKS.format("UPDATE", "message", "23514")))
    an_account(core, confirmed=False)
    make_app(core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    # So do tries of libraries that log what they were given.
    logging.getLogger("library").error("cannot take %r", NAME)
    logging.getLogger("library").error("cannot take %s", ValueError(NAME))
    rendered = f"never retrieved\nfuture: {ValueError(NAME)!r}"
    logging.getLogger("asyncio").error(rendered)

    written = log.getvalue()
    said = [json.loads(line) for line in written.splitlines()]
    assert {"unavailable", "broken"} <= {one["event"] for one in said}
    assert "57014 canceling statement due to user request" in written
    assert "23505" in written
    assert any("deliver" in one["event"] and "23514" in one.get("exception", "") for one in said), said
    assert planted.found_in(written, (NAME, DAY, PHONE, number)) == []


def test_the_arguments_of_jobs_are_ids_and_references(core):
    names = set()
    for task in make_app(core).tasks.values():
        names |= set(task.func.__code__.co_varnames[: task.func.__code__.co_argcount])
    ours = {name for name in names if not name.startswith(("context", "max_hours", "queue", "remove_"))}
    assert {name for name in ours if not name.endswith("_id")} <= {"reference", "timestamp"}
