"""Restore a backup into an empty database of any name, on PostgreSQL 15 or newer."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import IO, Final, Self

import psycopg

from booking.operations.backup.age import AgeError, Readable, unseal
from booking.operations.backup.manifest import SEALED, Manifest
from booking.operations.backup.ours import read_ours
from booking.operations.backup.programs import BackupError, choose_restore, server_version
from booking.operations.backup.restore_files import restoring_files
from booking.platform.base.settings import Settings

OLDEST: Final = 15
"""The oldest PostgreSQL that Mawid works with."""
_UNKNOWN_BEFORE_17: Final = re.compile(rb"SET transaction_timeout = 0;\n|\\(?:un)?restrict \w+\n")
"""What newer programs write and older servers, or a connection without ``psql``, do not understand."""
_COPY: Final = re.compile(rb"COPY .* FROM stdin;\n")
_END_OF_COPY: Final = b"\\.\n"
_FOREIGN: Final = """
    SELECT EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    )
"""


@dataclass(frozen=True, slots=True)
class Opener:
    """The secret keys that may open an encrypted database."""

    identities: Sequence[str] = field(default=(), repr=False)

    @property
    def empty(self) -> bool:
        """Whether it opens nothing."""
        return not self.identities

    @classmethod
    def from_identity(cls, identity: str | None) -> Self:
        """Return an opener with one secret key, or with none."""
        return cls(() if identity is None else (identity,))


def restore_backup(
    folder: Path, *, dsn: str, settings: Settings, opener: Opener | None = None, unproven: bool = False
) -> Manifest:
    """Restore into the empty database ``dsn`` and the empty place for files of the settings, wholly or not at all.

    Parameters
    ----------
    unproven
        Also a backup that was made where the secret was not known.

    Raises
    ------
    BackupError
        The backup is none of ours (`booking.operations.backup.ours.read_ours`), or encrypted for others; the server is
        too old; the database or the place for files is not empty; the place for files does not do its part; or the
        server refuses the data. Nothing is changed then.
    SettingsError
        The secret cannot be read.
    """
    manifest = read_ours(folder, settings, unproven=unproven)
    with (
        restoring_files(folder, manifest, settings) as files,
        restoring_database(folder, manifest, dsn=dsn, opener=opener) as connection,
    ):
        _hold_log(connection)
        files.fill()
    return manifest


@contextmanager
def restoring_database(
    folder: Path, manifest: Manifest, *, dsn: str, opener: Opener | None = None
) -> Iterator[psycopg.Connection]:
    """Fill an empty database, and commit it when the block ends well; raises as `restore_backup`."""
    opener = opener or Opener()
    if manifest.database == SEALED and opener.empty:
        raise BackupError(f"{folder / SEALED} is encrypted: name the file with the secret key (--identity FILE)")
    program = choose_restore(made_by=manifest.pg_dump)
    with psycopg.connect(dsn) as connection:
        if (server := server_version(connection)) < OLDEST:
            raise BackupError(f"the server is PostgreSQL {server}, and Mawid needs {OLDEST}; nothing was changed")
        if connection.info.parameter_status("server_encoding") != "UTF8":
            raise BackupError("the database is not in UTF8: make one that is (docs/runbook.md); nothing was changed")
        if connection.execute(_FOREIGN).fetchone() != (False,):
            raise BackupError("the database is not empty: name one that is; nothing was changed")
        try:
            read = _load(connection, program, folder / manifest.database, opener)
            if read != manifest.files[manifest.database]:
                raise BackupError(f"{folder / manifest.database} was changed while it was read; nothing was changed")
            yield connection
            connection.commit()
        except (psycopg.Error, OSError) as error:
            first = str(error).partition("\n")[0]
            raise BackupError(f"the backup cannot be restored, and nothing was changed: {first}") from error


class _Hashed:
    """A file, and the SHA-256 of what was read of it: it may be changed after it was compared."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


class _Input:
    """The standard input of a program, which may end before it has read all of it: the rest is discarded."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._is_open = file, True

    def write(self, content: bytes) -> int:
        if self._is_open:
            with self._until_it_ends():
                self._file.write(content)
        return len(content)

    def flush(self) -> None:
        if self._is_open:
            with self._until_it_ends():
                self._file.flush()

    def close(self) -> None:
        with self._until_it_ends():
            self._file.close()

    @contextmanager
    def _until_it_ends(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:  # the program says why
            self._is_open = False


def _load(connection: psycopg.Connection, program: Path, dump: Path, opener: Opener) -> str:
    """Run what the dump holds on our own connection, which can do TLS whatever the programs here can.

    Returns the SHA-256 of the dump as it was read.
    """
    command = [str(program), "--no-owner", "--no-privileges", "--file=-"]
    with (
        dump.open("rb") as file,
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints) as running,  # noqa: S603
        ThreadPoolExecutor(1) as beside,
    ):
        if running.stdin is None or running.stdout is None:
            raise BackupError("pg_restore gives nothing")
        hashed = _Hashed(file)
        fed = beside.submit(_feed, hashed, running.stdin, opener if dump.name == SEALED else None)
        try:
            _run(connection, running.stdout)
        except BaseException:
            running.kill()
            raise
        running.wait()
        _say_what_is_wrong_with_it(fed, dump)
        if running.returncode != 0:
            complaints.seek(0)
            words = complaints.read().decode(errors="replace").strip()
            raise BackupError(f"the dump cannot be read, and nothing was changed: {words}")
        return hashed.digest.hexdigest()


def _feed(dump: Readable, target: IO[bytes], opener: Opener | None) -> None:
    """Write a dump into a program, decrypted by the opener if there is one; all of the dump is read in any case."""
    with closing(_Input(target)) as program:
        if opener is None:
            shutil.copyfileobj(dump, program, 1 << 20)
        else:
            unseal(dump, program, opener.identities)


def _say_what_is_wrong_with_it(fed: Future[None], dump: Path) -> None:
    try:
        fed.result()
    except AgeError as error:
        raise BackupError(f"{dump} cannot be opened, and nothing was changed: {error}") from None


def _hold_log(connection: psycopg.Connection) -> None:
    """Keep a log that was signed from going on before it has what outsiders saw since (`mawid log recover`)."""
    if connection.execute("SELECT to_regclass('public.log_hold') IS NOT NULL").fetchone() == (True,):
        connection.execute(
            "INSERT INTO public.log_hold (since) SELECT now() WHERE EXISTS (SELECT FROM public.log_checkpoint)"
            " AND NOT EXISTS (SELECT FROM public.log_hold)"
        )


def _run(connection: psycopg.Connection, script: IO[bytes]) -> None:
    """Run a script of ``pg_restore``: statements, and between them lines for ``COPY``."""
    statements: list[bytes] = []
    for line in script:
        if _COPY.fullmatch(line):
            _execute(connection, statements)
            statements = []
            with connection.cursor() as cursor, cursor.copy(line) as copy:
                for rows in _rows(script):
                    copy.write(rows)
        elif not _UNKNOWN_BEFORE_17.fullmatch(line):
            statements.append(line)
    _execute(connection, statements)


def _rows(script: IO[bytes]) -> Iterator[bytes]:
    return takewhile(lambda line: line != _END_OF_COPY, script)


def _execute(connection: psycopg.Connection, statements: list[bytes]) -> None:
    if statements:
        connection.execute(b"".join(statements))
