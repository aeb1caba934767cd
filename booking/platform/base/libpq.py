"""The address of PostgreSQL as libpq reads it, for psycopg alone and for PostgreSQL's programs."""

import os
from typing import Any, Final

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy import URL, make_url

_DEATH_NOTICED: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that vanished without a word is noticed in half a minute instead of hours; ignored on a socket."""


def libpq_parameters(url: str | URL) -> dict[str, Any]:
    """Return an address in SQLAlchemy's form as what libpq and psycopg take, whatever characters are in it."""
    address = make_url(url)
    _, parameters = address.get_dialect()().create_connect_args(address)
    return {**_DEATH_NOTICED, **parameters}


def libpq_address(url: str | URL) -> str:
    """Return an address in SQLAlchemy's form as one text that libpq reads."""
    return make_conninfo(**libpq_parameters(url))


def libpq_environment(address: str) -> dict[str, str]:
    """Return the variables by which PostgreSQL's programs find a database: no password stands on a command line."""
    named = [one for one in Conninfo.parse(address.encode()) if one.val is not None and one.envvar is not None]
    return {os.fsdecode(one.envvar or b""): os.fsdecode(one.val or b"") for one in named}
