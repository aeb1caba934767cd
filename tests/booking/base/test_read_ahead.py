"""Rows fetched ahead come in order, with the error that ended them; who leaves early leaves no thread behind."""

import threading

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from booking.base.read_ahead import read_ahead


@pytest.fixture
def connection(module_database_url):
    """A connection that fetches two rows at a time."""
    engine = create_engine(module_database_url)
    with engine.connect() as connection:
        yield connection.execution_options(yield_per=2)
    engine.dispose()


def test_rows_come_in_order(connection):
    with read_ahead(connection.execute(text("SELECT generate_series(1, 9)")), 2) as rows:
        assert [number for (number,) in rows] == list(range(1, 10))
    assert connection.scalar(text("SELECT 1")) == 1


def test_an_error_is_raised_where_its_row_is_wanted(connection):
    result = connection.execute(text("SELECT 1 / (5 - number) FROM generate_series(1, 9) number"))
    with read_ahead(result, 2) as rows:
        assert [next(rows)[0] for _ in range(4)] == [0, 0, 0, 1]
        with pytest.raises(DBAPIError):
            next(rows)


def test_who_leaves_early_ends_the_fetching(connection):
    with read_ahead(connection.execute(text("SELECT generate_series(1, 100000)")), 2) as rows:
        assert next(rows) == (1,)
    assert "read ahead" not in {thread.name for thread in threading.enumerate()}
    assert connection.scalar(text("SELECT 1")) == 1
