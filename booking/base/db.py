"""The database: one engine, and one factory of sessions."""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, TextClause, create_engine, event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from typing_extensions import override

from booking.base.errors import AccountLeftError, LoggedOtherwiseError, MawidError
from booking.base.libpq import libpq_parameters

Sessions = sessionmaker[Session]


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
        """End the transaction and hand the connection back; changes that were not committed are lost."""
        unchanged = self.only_read and not (self.new or self.dirty or self.deleted)
        if unchanged and self.in_transaction() and self.is_active:
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


APPLICATION: Final = "mawid"
"""How the connections of web processes, workers and commands name themselves to the database."""

REFUSED_BY: Final[Mapping[str, type[MawidError]]] = {
    "account_is_not_left": AccountLeftError,
    "log_says_otherwise": LoggedOtherwiseError,
    "uq_log_pending_kind": LoggedOtherwiseError,
}
"""What guards of the database refuse in any table, by the constraint that they name, as the core's own errors."""

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
        Try each connection before its use, so that one that died with a restarted server is replaced unnoticed.
    name
        What its connections are called in the database: `APPLICATION`, and after a space what else is to be seen.
    pooled
        The address is a pooler's, whose connections come from several of our own in turn: nothing is asked of one
        beyond a transaction. Then the role has the time limits (`booking.core.pooled.require_time_limits`), and whoever
        makes the engine has each connection tried before its use.
    """
    options = {} if pooled else {"options": _OPTIONS}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=pre_ping and not pooled,
        hide_parameters=True,
        connect_args=libpq_parameters(url) | options | {"application_name": name},
    )
    event.listen(engine, "handle_error", _say_what_is_refused)
    return engine


def make_sessions(engine: Engine) -> Sessions:
    """Make the factory; ``sessions.begin()`` is one transaction, committed when its block ends."""
    return sessionmaker(engine, class_=_Session, expire_on_commit=False)


def _say_what_is_refused(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, psycopg.Error):
        refusal = REFUSED_BY.get(context.original_exception.diag.constraint_name or "")
        if refusal is not None:
            raise refusal from None
