"""Restore a backup into an empty database of any name, on PostgreSQL 15 or newer."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from hmac import compare_digest
from itertools import takewhile
from pathlib import Path
from typing import IO, Final

import psycopg

from booking.backup.manifest import DATABASE, EVIDENCE, Manifest, copy_for_owner, read_manifest
from booking.backup.programs import BackupError, choose_restore
from booking.base.settings import KEY_FILE, Settings, secrets_known
from booking.base.vault import Secret
from booking.core.schema import BEFORE_FIRST, knows

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


def restore_backup(folder: Path, *, dsn: str, settings: Settings) -> Manifest:
    """Restore into the empty database ``dsn`` and the empty evidence folder of the settings, wholly or not at all.

    Raises
    ------
    BackupError
        The backup is damaged, of a newer version, from before the first release, or of another secret; the database
        or the evidence folder is not empty; or the server refuses the data. Nothing is changed then.
    SettingsError
        The secret cannot be read.
    """
    manifest = read_manifest(folder)
    _require_secret(manifest, settings)
    if not knows(manifest.schema_revision):
        before = BEFORE_FIRST.fullmatch(manifest.schema_revision)
        which = "a Mawid from before its first release" if before else "a newer Mawid"
        raise BackupError(f"the backup is of {which} ({manifest.mawid}, schema {manifest.schema_revision}): use that")
    program = choose_restore(made_by=manifest.pg_dump)
    evidence = settings.evidence_folder
    if evidence.exists() and any(evidence.iterdir()):
        raise BackupError(f"{evidence} is not empty: move it away, or set MAWID_EVIDENCE_DIR; nothing was changed")
    with psycopg.connect(dsn) as connection:
        if connection.execute(_FOREIGN).fetchone() != (False,):
            raise BackupError("the database is not empty: name one that is; nothing was changed")
        try:
            _load(connection, program, folder / DATABASE)
            _hold_log(connection)
            _restore_evidence(folder, manifest, evidence)
            connection.commit()
        except BaseException as error:
            _remove_evidence(evidence)
            if not isinstance(error, (psycopg.Error, OSError)):
                raise
            first = str(error).partition("\n")[0]
            raise BackupError(f"the backup cannot be restored, and nothing was changed: {first}") from error
    return manifest


def _require_secret(manifest: Manifest, settings: Settings) -> None:
    if settings.secret_key is None and not (settings.state_dir / KEY_FILE).exists():
        raise BackupError(
            "put back the secret first (MAWID_SECRET_KEY, or secret.key in MAWID_STATE_DIR): it is not in the backup"
        )
    values = [Secret(one).check_value.hex() for one in secrets_known(settings)]
    if manifest.secret and not any(compare_digest(value, manifest.secret) for value in values):
        raise BackupError("the backup was made with another secret than those that are set; nothing was changed")


def _load(connection: psycopg.Connection, program: Path, dump: Path) -> None:
    """Run what the dump holds on our own connection, which can do TLS whatever the programs here can."""
    for section in ("pre-data", "data", "post-data"):
        command = [str(program), f"--section={section}", "--no-owner", "--no-privileges", "--file=-", str(dump)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603
            if running.stdout is None or running.stderr is None:
                raise BackupError("pg_restore gives nothing")
            _run(connection, running.stdout)
            complaint = running.stderr.read().decode(errors="replace").strip()
        if running.returncode != 0:
            raise BackupError(f"the dump cannot be read, and nothing was changed: {complaint}")


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


def _restore_evidence(folder: Path, manifest: Manifest, target: Path) -> None:
    for path in manifest.files:
        if path != DATABASE:
            copy_for_owner(folder / path, target / Path(path).relative_to(EVIDENCE))


def _remove_evidence(target: Path) -> None:
    """Take back what was copied into a folder that was empty."""
    for path in target.iterdir() if target.exists() else ():
        shutil.rmtree(path, ignore_errors=True)
