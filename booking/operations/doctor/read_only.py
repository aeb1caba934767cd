"""A connection that only reads, for an examination: nothing that is wrong can become worse by being looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from booking.platform.base.libpq import libpq_parameters

PATIENCE: Final = "600s"
"""How long one statement may read; it holds no lock that anybody else waits for."""


@contextmanager
def connection_of(url: str) -> Iterator[psycopg.Connection]:
    """Yield a read-only connection of the role in an address, in SQLAlchemy's form.

    Raises
    ------
    psycopg.Error
        The server does not answer, or does not let us in.
    """
    with psycopg.connect(**libpq_parameters(url) | {"application_name": "mawid doctor"}) as connection:
        connection.read_only = True
        connection.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
        yield connection
