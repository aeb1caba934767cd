"""A server that does not do what it is asked, in one line: what a command prints instead of a traceback."""

from typing import Final

import psycopg
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

OUTAGES: Final = (OperationalError, psycopg.OperationalError, RedisError)
"""Raised where a server is away or refuses us: not for a mistake in what it was asked."""


def in_one_line(error: BaseException) -> str:
    """Return which server it is and the first line of its words: later ones may show what was asked, with names."""
    cause = error.orig if isinstance(error, OperationalError) and error.orig is not None else error
    server = "Valkey" if isinstance(error, RedisError) else "the database"
    return f"{server} does not do its part: {str(cause).partition(chr(10))[0]}"
