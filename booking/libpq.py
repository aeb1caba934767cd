"""Addresses of PostgreSQL as libpq reads them, for its programs and for psycopg alone."""

import os

from psycopg.pq import Conninfo


def libpq_address(url: str) -> str:
    """Return SQLAlchemy's address of a database as libpq's."""
    return url.replace("postgresql+psycopg", "postgresql", 1)


def libpq_environment(address: str) -> dict[str, str]:
    """Return the variables by which PostgreSQL's programs find a database: no password stands on a command line."""
    named = [one for one in Conninfo.parse(address.encode()) if one.val is not None and one.envvar is not None]
    return {os.fsdecode(one.envvar or b""): os.fsdecode(one.val or b"") for one in named}
