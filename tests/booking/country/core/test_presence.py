"""Processes that say that they live, and how an upgrade sees those of an earlier version."""

import psycopg
import pytest
from sqlalchemy import text

from booking.country.core import presence
from booking.country.core.presence import Presence, living, older_than, own_number
from booking.platform.base.libpq import libpq_parameters
from booking.platform.embedded import roles
from booking.platform.models import ProcessKind
from tests.support.roles import a_strangers_login, as_app, as_role, is_pooled

A_PROCESS = """
    INSERT INTO running_process (id, kind, host, schema_number, version, began_at, seen_at, clock_ahead)
    VALUES (gen_random_uuid(), :kind, :host, :number, '0.1.0', now(), now() - make_interval(secs => :silent), :ahead)
"""


def a_process(session, *, number, kind="web", host="one.example", silent=1, ahead=0.0):
    values = {"kind": kind, "host": host, "number": number, "silent": silent, "ahead": ahead}
    session.execute(text(A_PROCESS), values)


def seen(core):
    with core.sessions() as session:
        return living(session.connection())


def test_a_process_is_seen_from_its_start_until_its_end(core):
    with Presence(core.sessions, ProcessKind.WORKER):
        (one,) = seen(core)
        assert (one.kind, one.schema_number) == ("worker", own_number())
        assert abs(one.ahead) < 5
        with core.sessions() as session:
            assert not any("on" in words.split() for words in older_than(session.connection(), own_number()))

    assert seen(core) == []


def test_a_process_that_went_silent_is_taken_for_ended_and_forgotten_in_a_day(core):
    with core.sessions.begin() as session:
        a_process(session, number="0026", silent=61)
        a_process(session, number="0026", silent=90_000)
    assert seen(core) == []

    with Presence(core.sessions, ProcessKind.WEB):
        pass

    with core.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM running_process")) == 1


def test_signs_go_on_by_themselves(core, monkeypatch):
    monkeypatch.setattr(presence, "EVERY", 0.01)
    with Presence(core.sessions, ProcessKind.WEB), core.sessions() as session:
        first = session.scalar(text("SELECT seen_at FROM running_process"))
        session.commit()
        while session.scalar(text("SELECT seen_at FROM running_process")) == first:
            session.commit()


@pytest.mark.skipif("is_pooled()", reason="behind a pooler nobody sees who is connected")
def test_who_says_nothing_is_seen_by_its_connections(core, database_url):
    assert not is_pooled()
    dsn = as_app(database_url).replace("+psycopg", "")
    with core.sessions() as session:
        before = older_than(session.connection(), "0027")
        for name in (
            "mawid",
            "mawid 0025 00ff00ff",
            "mawid 0036",
            "mawid 0025 pooled",
            "mawid migrate",
            "somebody else",
        ):
            with psycopg.connect(dsn, application_name=name):
                found = [one for one in older_than(session.connection(), "0027") if one not in before]
            shown = {"mawid": "an earlier version", "mawid 0025 00ff00ff": "a version with schema 0025"}.get(name)
            assert found == ([f"1 connections of {shown}, from this machine"] if shown else [])
        a_process(session, number="0025", host="two.example")
        with psycopg.connect(dsn, application_name="mawid 0025"):
            assert older_than(session.connection(), "0027") == ["web of 0.1.0 (schema 0025) on two.example"]


def test_a_login_that_is_not_mawids_holds_nothing_up_by_its_name(core, database_url):
    """Any login may call its connection what it likes: else each of them could keep an upgrade waiting for ever."""
    with core.sessions() as session, a_strangers_login(database_url) as stranger:
        before = older_than(session.connection(), "0027")
        for url in (stranger, as_role(database_url, roles.READER)):
            with psycopg.connect(**libpq_parameters(url), application_name="mawid 0001"):
                assert older_than(session.connection(), "0027") == before
