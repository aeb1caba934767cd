"""Restore a backup into an empty database of any name, on PostgreSQL 15 or newer."""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hmac import compare_digest
from itertools import takewhile
from pathlib import Path
from typing import IO, Final

import psycopg

from booking.backup.age import AgeError, unseal
from booking.backup.manifest import SEALED, Manifest, read_manifest
from booking.backup.programs import BackupError, choose_restore, server_version
from booking.backup.restore_files import restoring_files
from booking.base.settings import KEY_FILE, Settings, secrets_known
from booking.base.vault import Secret
from booking.core.schema import BEFORE_FIRST, knows

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
    """What opens an encrypted database: secret keys of a recipient, or the key of this one file."""

    identities: Sequence[str] = ()
    file_key: bytes | None = None

    @property
    def empty(self) -> bool:
        """Whether it opens nothing."""
        return not self.identities and self.file_key is None


def restore_backup(folder: Path, *, dsn: str, settings: Settings, opener: Opener | None = None) -> Manifest:
    """Restore into the empty database ``dsn`` and the empty place for files of the settings, wholly or not at all.

    Raises
    ------
    BackupError
        The backup is damaged, of a newer version, from before the first release, of another secret or country, or
        encrypted for others; the server is too old; the database or the place for files is not empty; the place for
        files does not do its part; or the server refuses the data. Nothing is changed then.
    SettingsError
        The secret cannot be read.
    """
    manifest = read_manifest(folder)
    with (
        restoring_files(folder, manifest, settings) as files,
        restoring_database(folder, manifest, dsn=dsn, settings=settings, opener=opener) as connection,
    ):
        _hold_log(connection)
        files.fill()
    return manifest


@contextmanager
def restoring_database(
    folder: Path, manifest: Manifest, *, dsn: str, settings: Settings, opener: Opener | None = None
) -> Iterator[psycopg.Connection]:
    """Fill an empty database, and commit it when the block ends well; raises as `restore_backup`."""
    _require_ours(manifest, settings)
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
            _load(connection, program, folder / manifest.database, opener)
            yield connection
            connection.commit()
        except (psycopg.Error, OSError) as error:
            first = str(error).partition("\n")[0]
            raise BackupError(f"the backup cannot be restored, and nothing was changed: {first}") from error


def _require_ours(manifest: Manifest, settings: Settings) -> None:
    """Refuse what this installation could not work with, before anything is read."""
    if manifest.country not in {"", settings.country}:
        raise BackupError(
            f"the backup is of the country {manifest.country}, and MAWID_COUNTRY is {settings.country};"
            " nothing was changed"
        )
    _require_secret(manifest, settings)
    if not knows(manifest.schema_revision):
        before = BEFORE_FIRST.fullmatch(manifest.schema_revision)
        which = "a Mawid from before its first release" if before else "a newer Mawid"
        raise BackupError(f"the backup is of {which} ({manifest.mawid}, schema {manifest.schema_revision}): use that")


def _require_secret(manifest: Manifest, settings: Settings) -> None:
    if settings.secret_key is None and not (settings.state_dir / KEY_FILE).exists():
        raise BackupError(
            "put back the secret first (MAWID_SECRET_KEY, or secret.key in MAWID_STATE_DIR): it is not in the backup"
        )
    values = [Secret(one).check_value.hex() for one in secrets_known(settings)]
    if manifest.secret and not any(compare_digest(value, manifest.secret) for value in values):
        raise BackupError("the backup was made with another secret than those that are set; nothing was changed")


def _load(connection: psycopg.Connection, program: Path, dump: Path, opener: Opener) -> None:
    """Run what the dump holds on our own connection, which can do TLS whatever the programs here can."""
    command = [str(program), "--no-owner", "--no-privileges", "--file=-"]
    with (
        dump.open("rb") as file,
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints) as running,  # noqa: S603
        ThreadPoolExecutor(1) as beside,
    ):
        if running.stdin is None or running.stdout is None:
            raise BackupError("pg_restore gives nothing")
        sealed = dump.name == SEALED
        pieces = unseal(file, identities=opener.identities, file_key=opener.file_key) if sealed else _pieces(file)
        fed = beside.submit(_feed, pieces, running.stdin)
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


def _feed(pieces: Iterator[bytes], target: IO[bytes]) -> None:
    with suppress(BrokenPipeError), target:  # it ended, and says why
        for piece in pieces:
            target.write(piece)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(1 << 20), b"")


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
