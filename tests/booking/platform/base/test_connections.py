"""A connection to the database that is lost is told apart from a mistake, and hides nothing."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from booking.platform.base.db import Sessions, make_engine
from booking.platform.base.outages import is_outage
from tests.support.roles import as_app, is_pooled

ME = text("SELECT pg_backend_pid()")
END = text("SELECT pg_terminate_backend(:process)")


@pytest.fixture
def engine(database_url):
    engine = make_engine(as_app(database_url), pool_size=1, pooled=is_pooled())
    yield engine
    engine.dispose()


def test_a_session_that_only_read_says_that_its_connection_was_lost_and_nothing_else(engine):
    sessions, processes = Sessions(engine), []

    def lose_it():
        with sessions() as session:
            processes.append(session.scalar(ME))
            with engine.connect() as killer:
                killer.execute(END, {"process": processes[0]})
            session.scalar(ME)

    with pytest.raises(OperationalError) as caught:
        lose_it()
    assert is_outage(caught.value)
    with sessions() as session:
        assert session.scalar(ME) not in processes


def test_a_statement_that_the_database_refuses_is_no_outage(engine):
    with engine.connect() as connection, pytest.raises(ProgrammingError) as caught:
        connection.execute(text("SELECT no_such_column"))

    assert not is_outage(caught.value)
