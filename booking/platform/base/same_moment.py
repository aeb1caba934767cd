"""Two connections that read at one moment, so that one may read on while the other is read from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.platform.base.db import Sessions

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
