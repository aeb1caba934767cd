"""A request was kept, and the database was lost before anybody heard it: the form that is given back finds it."""

import os
import socket
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from booking.platform.models import Request
from tests.api.pages import people


@pytest.fixture
def amal(browser, core):
    people.register(browser)
    people.add_person(browser, core)
    return browser


@contextmanager
def lost_once_it_is_kept(core):
    """Cut the connection of the transaction that keeps a request when it is committed, before that is told."""
    engine, keeps = core.sessions.kw["bind"], set()
    commit = engine.dialect.do_commit

    def note(connection, _cursor, statement, *_):
        if "INSERT INTO request " in statement:
            keeps.add(connection.connection.dbapi_connection)

    def commit_and_lose(connection):
        commit(connection)
        if connection.dbapi_connection in keeps:
            with socket.socket(fileno=os.dup(connection.dbapi_connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            connection.dbapi_connection.execute("SELECT 1")

    event.listen(engine, "after_cursor_execute", note)
    engine.dialect.do_commit = commit_and_lose
    yield
    del engine.dialect.do_commit
    event.remove(engine, "after_cursor_execute", note)


def test_a_form_that_is_given_back_and_sent_again_finds_the_request_that_was_kept(amal, core):
    people.answer_until_review(amal)
    with lost_once_it_is_kept(core):
        amal.send()
    assert amal.status == 503

    amal.send()

    assert amal.path.startswith("/requests/"), amal.text
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 1
