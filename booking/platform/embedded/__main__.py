"""Run a command beside Mawid's servers, with PostgreSQL's own programs: ``python -m booking.platform.embedded psql``.

The servers are those of the settings; private ones are started where none runs. It is the role that owns the database,
where the settings name it. The command finds the database
through libpq's variables (``PGHOST`` and so on), so ``psql`` or ``pg_basebackup`` need no address.
"""

import logging
import os
import subprocess
import sys

from booking.platform.base import logs
from booking.platform.base.libpq import libpq_address, libpq_environment
from booking.platform.base.server_error import ServerError
from booking.platform.base.settings import SettingsError, load_settings
from booking.platform.embedded import start_servers
from booking.platform.embedded.postgres import installed_programs


def main(command: list[str]) -> int:
    """Run the command while the servers run, and return its status."""
    settings = load_settings()
    with start_servers(settings) as servers:
        path = _path(ours_first=settings.database_url is None)
        environment = os.environ | libpq_environment(libpq_address(servers.owner_url)) | path
        try:
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - the user's own command
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error.strerror}\n")
            return 127


def _path(*, ours_first: bool) -> dict[str, str]:
    """Return the path of programs: for a server elsewhere the system's come first, as the wheel's cannot do TLS."""
    ours, systems = list(map(str, installed_programs())), [os.environ.get("PATH", os.defpath)]
    return {"PATH": os.pathsep.join([*ours, *systems] if ours_first else [*systems, *ours])}


if __name__ == "__main__":
    logs.configure(level=logging.WARNING)
    try:
        sys.exit(main(sys.argv[1:] or ["psql"]))
    except (SettingsError, ServerError) as error:
        sys.exit(f"mawid: {error}")
