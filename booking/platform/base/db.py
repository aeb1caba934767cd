"""The database: one engine, and one factory of sessions."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from queue import Queue
from select import POLLIN, poll
from threading import Event, Thread
from time import monotonic
from types import SimpleNamespace
from typing import Any, Final, cast

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Engine, ExceptionContext, Select, TextClause, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from typing_extensions import override

from booking.platform.base.errors import AccountLeftError, LoggedOtherwiseError, MawidError
from booking.platform.base.libpq import libpq_parameters


class _Session(Session):
    """A session that ends with COMMIT where it only read; anything else that was not committed is rolled back.

    psycopg forgets every prepared statement at a ROLLBACK, which is how SQLAlchemy ends a session that only read:
    then no statement is ever prepared for long, and each is parsed and planned again (a fifth to a third of all
    processor time of a request).
    """

    only_read: bool = True

    @override
    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Hand the connection to a caller who may do anything with it."""
        self.only_read = False
        return super().connection(*args, **kwargs)

    @override
    def close(self) -> None:
        """End the transaction and hand the connection back; changes that were not committed are lost.

        Where the server went away under a session that only read, what says so is left as it is: a COMMIT that fails
        loses nothing, and its error would stand in the place of the one that says why.
        """
        unchanged = self.only_read and not (self.new or self.dirty or self.deleted)
        if unchanged and self.in_transaction() and self.is_active:
            with suppress(SQLAlchemyError):
                self.commit()
        super().close()
        self.only_read = True


@event.listens_for(_Session, "do_orm_execute")
def _notice_changes(state: ORMExecuteState) -> None:
    statement = state.statement
    reads = state.is_select or (isinstance(statement, TextClause) and statement.text.lstrip().startswith("SELECT"))
    if not reads and isinstance(state.session, _Session):
        state.session.only_read = False


@event.listens_for(_Session, "before_flush")
def _notice_flush(session: Session, *_: object) -> None:
    if isinstance(session, _Session):
        session.only_read = False


class Sessions(sessionmaker[Session]):
    """Makes sessions; ``sessions.begin()`` is one transaction, committed when its block ends."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, class_=_Session, expire_on_commit=False)
        self._each_by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")

    def reading(self) -> Session:
        """Return a session for a few statements that read, each by itself: none begins or ends a transaction.

        They see what was committed when each of them began, as in a transaction of ours.
        """
        return self(bind=self._each_by_itself)

    def by_themselves(self) -> Session:
        """Return a session whose statements are each a transaction: what one of them changes is committed with it."""
        return self(bind=self._each_by_itself)


APPLICATION: Final = "mawid"
"""How the connections of web processes, workers and commands name themselves to the database."""

REFUSED_BY: Final[Mapping[str, type[MawidError]]] = {
    "account_is_not_left": AccountLeftError,
    "log_says_otherwise": LoggedOtherwiseError,
    "uq_log_pending_kind": LoggedOtherwiseError,
}
"""What guards of the database refuse in any table, by the constraint that they name, as the core's own errors."""

TRIED_AFTER_SECONDS: Final = 1.0
"""How long a connection is not used before it is tried first, by a question to the server."""
_USED: Final = "used"

TIME_LIMITS: Final = {"lock_timeout": "5s", "statement_timeout": "1min", "idle_in_transaction_session_timeout": "5min"}
"""What holds for every connection, as PostgreSQL shows it."""

_OPTIONS: Final = " ".join(f"-c {name}={limit}" for name, limit in TIME_LIMITS.items())


def make_engine(
    url: str, *, pool_size: int = 10, pre_ping: bool = True, name: str = APPLICATION, pooled: bool = False
) -> Engine:
    """Make an engine whose statements and locks time out instead of queueing for ever.

    Parameters
    ----------
    pre_ping
        Try a connection before its use, so that one that died with a restarted server is replaced unnoticed. One that
        was used a moment ago is only looked at: of a connection that the server has closed there is something to read.
    name
        What its connections are called in the database: `APPLICATION`, and after a space what else is to be seen.
    pooled
        The address is a pooler's, whose connections come from several of our own in turn: nothing is asked of one
        beyond a transaction. Then the role has the time limits (`booking.country.core.pooled.require_time_limits`).
    """
    options = {} if pooled else {"options": _OPTIONS}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=most_connections(pool_size) - pool_size,
        hide_parameters=True,
        connect_args=libpq_parameters(url) | options | {"application_name": name},
    )
    event.listen(engine, "handle_error", _say_what_is_refused)
    if pre_ping:
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_try, engine))
    return engine


def most_connections(pool_size: int) -> int:
    """Return how many connections an engine may have at once; those beyond ``pool_size`` are closed after use."""
    return 2 * pool_size


def _note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = monotonic()


def _try(engine: Engine, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    used = record.info.get(_USED)
    if used is None or (monotonic() - used < TRIED_AFTER_SECONDS and not _has_something_to_read(connection)):
        return
    try:
        engine.dialect.do_ping(connection)
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def _has_something_to_read(connection: Any) -> bool:
    looking = poll()
    looking.register(connection.fileno(), POLLIN)
    return bool(looking.poll(0))


def _say_what_is_refused(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, psycopg.Error):
        refusal = REFUSED_BY.get(context.original_exception.diag.constraint_name or "")
        if refusal is not None:
            raise refusal from None


_REPEATABLE: Final = {"isolation_level": "REPEATABLE READ"}


@contextmanager
def at_a_moment(sessions: Sessions, moment: str | None = None) -> Iterator[Session]:
    """Give a transaction that sees one moment of the database: that of another such transaction, or its own.

    Parameters
    ----------
    moment
        What `moment_of` named. The transaction that named it must not be over yet when this one begins.
    """
    with sessions() as session:
        session.connection(execution_options=_REPEATABLE)
        if moment is not None:
            session.execute(text(f"SET TRANSACTION SNAPSHOT '{moment}'"))  # which takes no parameter
        yield session


def moment_of(session: Session) -> str:
    """Name the moment that a transaction of `at_a_moment` sees, for others to read at."""
    return str(session.execute(text("SELECT pg_export_snapshot()")).scalar_one())


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
