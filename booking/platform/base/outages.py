"""A server that does not do what it is asked: how that is told from a mistake in what it was asked, and said."""

from typing import Final

import psycopg
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoneFreeError

OUTAGES: Final = (OperationalError, psycopg.OperationalError, RedisError)
"""Raised where a server is away or refuses us: not for a mistake in what it was asked."""
LOCK_ERRORS: Final = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
"""Among those, as the driver raises them: a lock was waited for too long, or two waited for each other. Nothing of the
transaction was kept, and it may well succeed when it is made again."""

_READ_ONLY: Final = psycopg.errors.ReadOnlySqlTransaction
"""As a standby says it that was asked by mistake, and a server that was made read-only because its disk is full."""
_AWAY: Final = (*OUTAGES, _READ_ONLY, InterfaceError, psycopg.InterfaceError, NoneFreeError)
"""Those, and what is raised where it went away in the middle, or where all connections are in use for too long."""
_LOST_BEFORE: Final = "8s2b"
"""SQLAlchemy's code for a transaction whose connection was lost by an earlier statement, which somebody passed over."""


def is_outage(error: BaseException) -> bool:
    """Return whether a server was away, or no connection to it was free: the same may well be done a moment later.

    The driver does not always say so by the same class. It calls a connection that broke under a statement a fault of
    that statement, where the server had begun to answer; of one that broke before, SQLAlchemy says that its transaction
    has to be rolled back first.
    """
    if isinstance(error, PendingRollbackError):
        return error.code == _LOST_BEFORE
    if isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error.orig, _READ_ONLY)):
        return True
    return isinstance(error, _AWAY)


def in_one_line(error: BaseException) -> str:
    """Return which server it is and the first line of its words: later ones may show what was asked, with names."""
    cause = error.orig if isinstance(error, OperationalError) and error.orig is not None else error
    server = "Valkey" if isinstance(error, RedisError) else "the database"
    return f"{server} does not do its part: {str(cause).partition(chr(10))[0]}"
