"""Rows by COPY: a million of them at the cost of writing their text."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, cast

from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy.orm import Session

NULL: Final = r"\N"
"""What COPY reads as NULL, in a column of its text."""
_TOGETHER: Final = 500
"""Lines that are handed over at once."""


def copy_lines(session: Session, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    r"""Write rows in the caller's transaction, each a line of COPY's text: tabs between, bytes as ``\\x`` and digits.

    Text that may hold a tab, a line feed or a backslash is the caller's to write as COPY reads it.
    """
    raw = cast("Connection", session.connection().connection.driver_connection)
    names = SQL(", ").join(map(Identifier, columns))
    statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), names)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        rest = iter(lines)
        while some := "".join(islice(rest, _TOGETHER)):
            copy.write(some)
