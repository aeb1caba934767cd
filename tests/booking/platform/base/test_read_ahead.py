"""Rows fetched ahead come in order, with the error that ended them; who leaves early leaves no thread behind."""

import threading
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Integer,
    SmallInteger,
    String,
    Uuid,
    cast,
    create_engine,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from booking.platform.base.db import read_ahead, read_all


@pytest.fixture
def session(module_database_url):
    """A transaction of its own."""
    engine = create_engine(module_database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def _numbers(last):
    return select(func.generate_series(1, last).label("number"))


def test_rows_come_in_order(session):
    with read_ahead(session, _numbers(9), 2) as rows:
        assert [row.number for row in rows] == list(range(1, 10))
    assert session.scalar(text("SELECT 1")) == 1


def test_two_statements_follow_each_other_in_one_transaction(session):
    assert [len(read_all(session, _numbers(last), 2)) for last in (0, 4, 5)] == [0, 4, 5]


def test_a_statement_is_planned_for_all_of_its_rows(session):
    (row,) = read_all(session, select(func.current_setting("cursor_tuple_fraction").label("share")), 2)
    assert row.share == "1"


def test_an_error_is_raised_where_its_row_is_wanted(session):
    quotient = literal_column("1 / (5 - number)", Integer).label("quotient")
    statement = select(quotient).select_from(text("generate_series(1, 9) number"))
    with read_ahead(session, statement, 2) as rows:
        assert [next(rows).quotient for _ in range(4)] == [0, 0, 0, 1]
        with pytest.raises(DBAPIError, match="division by zero"):
            next(rows)


def test_who_leaves_early_ends_the_fetching(session):
    with read_ahead(session, _numbers(100_000), 2) as rows:
        assert next(rows) == (1,)
    assert "read ahead" not in {thread.name for thread in threading.enumerate()}
    assert session.scalar(text("SELECT 1")) == 1


def test_who_gives_up_before_the_first_row_does_not_wait_for_it(session):
    hour = select(func.pg_sleep(3600))
    with pytest.raises(KeyboardInterrupt), read_ahead(session, hour, 2):
        raise KeyboardInterrupt
    session.rollback()
    assert session.scalar(text("SELECT 1")) == 1


def end_connection(url, process):
    """Return once a backend has ended."""
    engine = create_engine(url)
    with engine.begin() as other:
        assert other.scalar(select(func.pg_terminate_backend(process, 60_000)))
    engine.dispose()


def test_a_connection_that_is_lost_is_said_to_be_and_another_one_taken(session, module_database_url):
    process = session.scalar(select(func.pg_backend_pid()))
    with read_ahead(session, _numbers(100_000), 2) as rows:
        next(rows)
        end_connection(module_database_url, process)
        with pytest.raises(OperationalError) as lost:
            list(rows)

    assert lost.value.connection_invalidated
    session.rollback()
    assert session.scalar(select(func.pg_backend_pid())) != process


def test_values_come_as_they_were_written(session):
    values = {
        "day": (date(2026, 11, 29), Date),
        "at": (datetime(2026, 11, 29, 14, tzinfo=UTC), DateTime(timezone=True)),
        "name": ("50 % of Ra's al-`Ain\\ \N{ARABIC LETTER ALEF}", String),
        "flag": (True, Boolean),
        "none": (None, String),
        "key": (UUID(int=7), Uuid),
        "few": (7, SmallInteger),
    }
    statement = select(*(cast(value, of).label(name) for name, (value, of) in values.items()))
    raw = literal_column(r"'\x00ff'::bytea").label("raw")
    days = literal_column("ARRAY['2026-11-29'::date, NULL]").label("days")

    (row,) = read_all(session, statement.add_columns(raw, days), 2)

    assert tuple(row) == (*(value for value, _ in values.values()), b"\x00\xff", [date(2026, 11, 29), None])
