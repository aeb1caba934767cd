"""A real streaming standby of the server of this run."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
from typing_extensions import override

from booking.platform.embedded import EmbeddedPostgres
from booking.platform.embedded.postgres import installed_programs
from booking.platform.embedded.process import as_someone
from tests.support.waiting import eventually


class Standby(EmbeddedPostgres):
    """Its data are a copy, so there is nothing to make in it."""

    @override
    def _make_database(self) -> None:
        pass


@contextmanager
def a_standby(primary: EmbeddedPostgres, folder: Path) -> Iterator[Standby]:
    """Copy a running server into a folder, and have the copy follow it.

    The server keeps what the copy has not read yet, however late that is on a busy machine.
    """
    standby, slot = Standby(folder, durable=False), f"standby_{uuid4().hex}"
    standby.folder.mkdir(parents=True)
    copy = [str(installed_programs()[0] / "pg_basebackup"), "-d", primary.dsn, "-D", str(standby.data)]
    command = [*as_someone(), *copy, "-R", "-C", "-S", slot, "-X", "stream", "-c", "fast", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True)
    try:
        with standby:
            yield standby
    finally:
        _forget(primary, slot)


def _forget(primary: EmbeddedPostgres, slot: str) -> None:
    """Let the server keep nothing any more, as soon as it has seen that the copy is gone."""
    with psycopg.connect(primary.dsn, autocommit=True) as connection:

        def is_dropped() -> bool:
            with suppress(psycopg.errors.ObjectInUse):
                connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])
                return True
            return False

        eventually(is_dropped, what="the server does not see that its standby is gone")
