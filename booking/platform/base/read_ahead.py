"""Many rows as the driver reads them: fetched while those before them are worked on, so that neither side waits."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Queue
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any, Final, cast

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_AHEAD: Final = 2
"""Batches that wait to be worked on."""
_ALL_WANTED: Final = text("SET LOCAL cursor_tuple_fraction = 1")
"""Else PostgreSQL looks for the way to the first tenth of the rows, and looks receipts up one by one."""


@contextmanager
def read_ahead(session: Session, statement: Select[*tuple[Any, ...]], at_once: int) -> Iterator[Iterator[Any]]:
    """Yield the rows of a statement, fetched by a thread so many at once.

    They are named tuples of what the driver reads, at a fifth of what SQLAlchemy's rows cost; words of an enumeration
    are text. Until the block ends nobody else may use the connection. What fetching raises is raised where the row is
    wanted, as SQLAlchemy raises it. What ends the block by an error, or by Ctrl-C, ends the statement too, and with it
    the transaction.
    """
    batches: Queue[Any] = Queue(_AHEAD)
    over = Event()
    connection = session.connection()
    words = _prepared(connection, statement)
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    fetched = _fetched(driver, words, at_once)

    def fetch() -> None:
        try:
            for batch in fetched:
                batches.put(batch)
                if over.is_set():
                    return
            batches.put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised again by who wants the rows
            batches.put(error)
        finally:
            fetched.close()

    thread = Thread(target=fetch, name="read ahead", daemon=True)
    thread.start()
    given_up = True
    try:
        with _shown(connection, words):
            yield _rows(connection, batches)
        given_up = False
    finally:
        over.set()
        while thread.is_alive():
            if given_up:  # the first row of a long join may be far away
                with suppress(psycopg.Error):
                    driver.cancel_safe()
            if not batches.empty():
                batches.get()
            thread.join(0.01)


def read_all(session: Session, statement: Select[*tuple[Any, ...]], at_once: int) -> Sequence[Any]:
    """Return the rows of a statement as `read_ahead` yields them."""
    with read_ahead(session, statement, at_once) as rows:
        return list(rows)


def _rows(connection: Connection, batches: "Queue[Any]") -> Iterator[Any]:
    while (batch := batches.get()) is not None:
        if isinstance(batch, BaseException):
            if isinstance(batch, DBAPIError) and batch.connection_invalidated:
                connection.invalidate(batch)
            raise batch
        yield from batch


def _prepared(connection: Connection, statement: Select[*tuple[Any, ...]]) -> str:
    """Return the words of a statement, with its values in them, that is to be planned for all of its rows."""
    connection.execute(_ALL_WANTED)
    return str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))


@contextmanager
def _shown(connection: Connection, words: str) -> Iterator[None]:
    """Show a statement to those who watch statements, such as traces, from its begin to its last row."""
    context = SimpleNamespace()
    for begins in connection.dispatch.before_cursor_execute:
        begins(connection, None, words, None, context, False)  # noqa: FBT003 - as SQLAlchemy calls them
    try:
        yield
    finally:
        for ends in connection.dispatch.after_cursor_execute:
            ends(connection, None, words, None, context, False)  # noqa: FBT003 - as above


def _fetched(connection: psycopg.Connection, words: str, at_once: int) -> Generator[Sequence[Any]]:
    """Yield batches of rows; their values come in binary, which is read three times as fast as text."""
    try:
        with connection.cursor("read_ahead", binary=True, row_factory=namedtuple_row) as cursor:
            cursor.execute(words.encode(), {})  # that there are values, none, makes one sign of each doubled %
            while batch := cursor.fetchmany(at_once):
                yield batch
    except psycopg.Error as error:
        lost = connection.closed  # it may be called a fault of the statement: by this alone others know better
        raise DBAPIError.instance(words, None, error, psycopg.Error, connection_invalidated=lost) from error
