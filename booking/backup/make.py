"""Make a backup: a consistent copy of the database, then the evidence that it names."""

import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psycopg

from booking.backup.manifest import DATABASE, EVIDENCE, NAME, Manifest, checksum, copy_for_owner, is_page
from booking.backup.programs import BackupError, choose_dump, program_version
from booking.base.clock import SystemClock
from booking.base.libpq import libpq_environment

_THOUSANDS = 10_000  # libpq's 150020 is PostgreSQL 15
_IN_USE = "SELECT encode(value, 'hex') FROM key_check k WHERE coalesce((to_jsonb(k)->>'present')::boolean, true)"
"""Of the one secret, in a schema from before there were several."""


def make_backup(folder: Path, *, dsn: str, evidence: Path) -> Manifest:
    """Back up into a new folder that only its owner can enter; it gets its name once it is whole.

    The database comes first: evidence that is added meanwhile is too much and harmless, where it would be missing if
    the files came first. The secret is not in it.

    Parameters
    ----------
    dsn
        The database, as libpq reads it.
    evidence
        The folder with the evidence; it may be missing.

    Raises
    ------
    BackupError
        The folder is there already or cannot be written, the database holds no Mawid, or it cannot be read.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already: name a new folder")
    draft = folder.with_name(f"{folder.name}.part")
    with psycopg.connect(dsn, autocommit=True) as connection:
        revision, secret = _marks(connection)
        server = connection.info.server_version // _THOUSANDS
        program = choose_dump(server=server, tls=connection.pgconn.ssl_in_use)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700, parents=True)
        _dump(program, dsn, draft / DATABASE)
        _copy_evidence(evidence, draft / EVIDENCE)
        files = sorted(path for path in draft.rglob("*") if path.is_file())
        manifest = Manifest(
            made_at=SystemClock().now(),
            mawid=version("mawid"),
            schema_revision=revision,
            postgresql=server,
            pg_dump=program_version(program),
            secret=secret,
            files={path.relative_to(draft).as_posix(): checksum(path) for path in files},
        )
        descriptor = os.open(draft / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(manifest.model_dump_json(indent=1) + "\n")
        os.sync()
        draft.rename(folder)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise BackupError(f"the backup cannot be written: {error}") from error
    return manifest


def _marks(connection: psycopg.Connection) -> tuple[str, str]:
    """Return the schema's revision, and what the database keeps of its secret, "" for nothing."""
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        found = None
    if found is None:
        raise BackupError("the database holds no Mawid: is MAWID_DATABASE_URL the right one?")
    try:
        kept = connection.execute(_IN_USE).fetchone()
    except psycopg.errors.UndefinedTable:  # of a version before the check
        kept = None
    return found[0], kept[0] if kept else ""


def _dump(program: Path, dsn: str, file: Path) -> None:
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        [str(program), "--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--file={file}"],
        env=os.environ | libpq_environment(dsn),
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"the database cannot be read: {done.stderr.strip().replace(chr(10), '; ')}")


def _copy_evidence(source: Path, target: Path) -> None:
    """Copy what is whole; a file that is removed meanwhile was past its time."""
    target.mkdir(mode=0o700)
    for path in source.rglob("*"):
        relative = path.relative_to(source)
        if is_page(relative.as_posix()) and path.is_file():
            copy = target / relative
            try:
                copy_for_owner(path, copy)
            except FileNotFoundError:
                copy.unlink(missing_ok=True)
