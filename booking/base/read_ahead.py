"""Many rows as the driver reads them: fetched while those before them are worked on, so that neither side waits."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from queue import Queue
from threading import Event, Thread
from typing import Any, Final, cast

from psycopg import Connection, Error
from psycopg.rows import namedtuple_row
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_AHEAD: Final = 2
"""Batches that wait to be worked on."""


@contextmanager
def read_ahead(session: Session, statement: Select[*tuple[Any, ...]], at_once: int) -> Iterator[Iterator[Any]]:
    """Yield the rows of a statement, fetched by a thread so many at once.

    They are named tuples of what the driver reads, at a fifth of what SQLAlchemy's rows cost; words of an enumeration
    are text. Until the block ends nobody else may use the connection. What fetching raises is raised where the row is
    wanted, as SQLAlchemy raises it.
    """
    batches: Queue[Any] = Queue(_AHEAD)
    over = Event()
    fetched = _batches(session, statement, at_once)

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

    def rows() -> Iterator[Any]:
        while (batch := batches.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield from batch

    thread = Thread(target=fetch, name="read ahead", daemon=True)
    thread.start()
    try:
        yield rows()
    finally:
        over.set()
        while thread.is_alive():
            if not batches.empty():
                batches.get()
            thread.join(0.01)


def read_all(session: Session, statement: Select[*tuple[Any, ...]], at_once: int) -> Sequence[Any]:
    """Return the rows of a statement as `read_ahead` yields them."""
    with read_ahead(session, statement, at_once) as rows:
        return list(rows)


def _batches(session: Session, statement: Select[*tuple[Any, ...]], at_once: int) -> Generator[Sequence[Any]]:
    """Prepare a statement, with its values in it, to be fetched."""
    connection = session.connection()
    words = str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    return _fetched(cast("Connection", connection.connection.driver_connection), words, at_once)


def _fetched(connection: Connection, words: str, at_once: int) -> Generator[Sequence[Any]]:
    """Yield batches of rows; their values come in binary, which is read three times as fast as text."""
    try:
        with connection.cursor("read_ahead", binary=True, row_factory=namedtuple_row) as cursor:
            cursor.execute(words.encode(), {})  # that there are values, none, makes one sign of each doubled %
            while batch := cursor.fetchmany(at_once):
                yield batch
    except Error as error:
        raise DBAPIError.instance(words, None, error, Error) from error
