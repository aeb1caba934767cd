"""A real PgBouncer in transaction mode, set up as the runbook says; whoever asks twice gets another connection."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from booking.platform.embedded import roles
from booking.platform.embedded.postgres import SUPERUSER
from booking.platform.embedded.process import as_someone, dies_with_parent
from tests.support.waiting import eventually

PORT = 6432
OLDEST = (1, 22)
"""The oldest version that the runbook names: older ones keep no prepared statements, or end them too early."""

_SETTINGS = """
[databases]
* = host={server} port=5432

[pgbouncer]
pool_mode = transaction
max_prepared_statements = 200
listen_addr = {address}
listen_port = {port}
unix_socket_dir = {folder}
unix_socket_mode = 0777
auth_type = trust
auth_file = {folder}/users.txt
admin_users = {superuser}
max_client_conn = 1000
server_login_retry = 1
default_pool_size = 10
# the connection that was idle longest is lent next: who leaves anything on one does not meet it again
server_round_robin = 1
"""


def pgbouncer_program() -> str:
    """Return the program's path; skips the test where it is not installed, or too old to keep prepared statements."""
    found = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        pytest.skip("no PgBouncer: apt install pgbouncer")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"PgBouncer (\d+)\.(\d+)", told)
    if version is not None and tuple(map(int, version.groups())) < OLDEST:
        pytest.skip(f"{version[0]} is too old: {OLDEST[0]}.{OLDEST[1]} or newer")
    return found


def pgbouncer_command(settings: Path) -> list[str]:
    """Return the command that runs one with these settings."""
    return [pgbouncer_program(), "-q", str(settings)]


def write_settings(folder: Path, server: str, *, address: str = "") -> Path:
    """Write the settings of one before the server whose socket is in ``server``; its own will be in the folder."""
    folder.chmod(0o777)  # it does not run as root
    users = (roles.APP, roles.OWNER, roles.READER, SUPERUSER)
    (folder / "users.txt").write_text("".join(f'"{user}" ""\n' for user in users), encoding="utf-8")
    settings = folder / "pgbouncer.ini"
    written = _SETTINGS.format(server=server, port=PORT, folder=folder, superuser=SUPERUSER, address=address)
    settings.write_text(written, encoding="utf-8")
    return settings


@contextmanager
def a_pgbouncer(server: str, *, address: str = "", before: Sequence[str] = ()) -> Iterator[str]:
    """Run one before the server whose socket is in a folder; give the folder of its own socket once it answers.

    ``address``: where else it listens; ``before``: what stands before its command.
    """
    with tempfile.TemporaryDirectory(prefix="mawid-pgbouncer-") as name:
        folder = Path(name)
        ours = pgbouncer_command(write_settings(folder, server, address=address))
        command = [*before, *as_someone(), *dies_with_parent("KILL"), *ours]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                _until_answers(folder, process)
                yield name
            finally:
                process.kill()
                process.wait()


def _until_answers(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until its socket is there and somebody listens at it."""
    path = str(folder / f".s.PGSQL.{PORT}")

    def answers() -> bool:
        assert process.poll() is None, f"PgBouncer ended: {(folder / 'log').read_text(encoding='utf-8')}"
        with socket.socket(socket.AF_UNIX) as one:
            return one.connect_ex(path) == 0

    eventually(answers, what="PgBouncer does not listen")
