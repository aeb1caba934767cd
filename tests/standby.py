"""A real streaming standby of the server of this run."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typing_extensions import override

from booking.embedded import EmbeddedPostgres
from booking.embedded.postgres import installed_programs
from booking.embedded.process import as_someone


class Standby(EmbeddedPostgres):
    """Its data are a copy, so there is nothing to make in it."""

    @override
    def _make_database(self) -> None:
        pass


@contextmanager
def a_standby(primary: EmbeddedPostgres, folder: Path) -> Iterator[Standby]:
    """Copy a running server into a folder, and have the copy follow it."""
    standby = Standby(folder, durable=False)
    standby.folder.mkdir(parents=True)
    copy = [str(installed_programs()[0] / "pg_basebackup"), "-d", primary.dsn, "-D", str(standby.data)]
    command = [*as_someone(), *copy, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True)
    with standby:
        yield standby
