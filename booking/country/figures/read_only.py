"""Reading much without harm: a transaction that cannot write, a time limit, a limit of rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from psycopg.errors import QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from booking.platform.base.db import Sessions
from booking.platform.base.errors import MawidError

SECONDS: Final = 20
MOST_ROWS: Final = 20_000


class TooMuchAskedError(MawidError):
    """A question takes too long or has too many rows: a shorter period helps."""

    code = "too_much_asked"


@contextmanager
def reading(sessions: Sessions, *, seconds: int = SECONDS) -> Iterator[Session]:
    """Open a transaction that only reads, one state of the database throughout.

    Raises
    ------
    TooMuchAskedError
        A statement takes more than ``seconds``.
    """
    with sessions() as session:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        session.execute(text("SELECT set_config('statement_timeout', :most, true)"), {"most": f"{seconds}s"})
        try:
            yield session
        except OperationalError as error:
            if isinstance(error.orig, QueryCanceled):
                raise TooMuchAskedError(f"a statement took more than {seconds} seconds") from error
            raise
        finally:
            session.rollback()


def rows(
    session: Session, statement: str, values: Mapping[str, Any], *, most: int = MOST_ROWS
) -> list[tuple[Any, ...]]:
    """Read all rows of a statement; raises TooMuchAskedError where there are more than ``most``."""
    found = session.execute(text(statement), values).fetchmany(most + 1)
    if len(found) > most:
        raise TooMuchAskedError(f"more than {most} rows")
    return [tuple(row) for row in found]
