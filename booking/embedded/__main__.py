"""Run a command beside Mawid's servers, with PostgreSQL's own programs: ``python -m booking.embedded pg_dump``.

The servers are those of the settings; private ones are started where none runs. The command finds the database
through libpq's variables (``PGHOST`` and so on), so ``psql`` or ``pg_restore`` need no address.
"""

import os
import subprocess
import sys
from typing import Final

from booking.db import libpq_parameters
from booking.embedded import ServerError, start_servers
from booking.embedded.postgres import installed_programs
from booking.settings import SettingsError, load_settings

LIBPQ: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def main(command: list[str]) -> int:
    """Run the command while the servers run, and return its status."""
    with start_servers(load_settings()) as (database_url, _):
        environment = os.environ | _libpq(database_url) | _path()
        try:
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - the user's own command
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error.strerror}\n")
            return 127


def _libpq(url: str) -> dict[str, str]:
    return {LIBPQ[name]: str(value) for name, value in libpq_parameters(url).items() if name in LIBPQ}


def _path() -> dict[str, str]:
    return {"PATH": os.pathsep.join([*map(str, installed_programs()), os.environ.get("PATH", os.defpath)])}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:] or ["psql"]))
    except (SettingsError, ServerError) as error:
        sys.exit(f"mawid: {error}")
