"""Make a backup: a consistent copy of the database, then the evidence that it names."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import psycopg

from booking.operations.backup.age import new_identity, recipient_of, seal
from booking.operations.backup.folder import PART, write_bytes_for_owner, write_for_owner
from booking.operations.backup.manifest import (
    DATABASE,
    EVIDENCE,
    NAME,
    SEALED,
    Manifest,
    checksum,
    make_folders,
)
from booking.operations.backup.ours import leave_proof, proven_files
from booking.operations.backup.programs import BackupError, choose_dump, program_version, server_version
from booking.platform.base.clock import SystemClock
from booking.platform.base.libpq import libpq_environment
from booking.platform.base.settings import Settings
from booking.platform.files.place import FileMissingError, FilesAwayError
from booking.platform.files.watched import open_files

_IN_USE = "SELECT encode(value, 'hex') FROM key_check k WHERE coalesce((to_jsonb(k)->>'present')::boolean, true)"
"""Of the one secret, in a schema from before there were several."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was just made.

    ``identity`` is a secret key that opens this database alone, where it is encrypted. It is stored nowhere: with
    it, the process that made the backup can try it. The backup is ``proven`` where the secret was known.
    """

    manifest: Manifest
    identity: str | None = field(repr=False)
    proven: bool


def make_backup(folder: Path, *, dsn: str, settings: Settings, before: Path | None = None) -> Made:
    """Back up into a new folder that only its owner can enter; it gets its name once it is whole.

    The database comes first: evidence that is added meanwhile is too much and harmless, where it would be missing if
    the files came first. The secret is not in it. Where the settings name recipients, the database is encrypted for
    them while it is read: nothing of it comes to the disk in the clear.

    Parameters
    ----------
    dsn
        The database, as libpq reads it, as a role that may read all of it.
    before
        A whole backup on the same disk: files that are the same, by their SHA-256, are kept once for both. Nothing is
        taken over from one whose proof is missing or wrong.

    Raises
    ------
    BackupError
        The folder is there already or cannot be written, the database holds no Mawid, or it cannot be read.
    SettingsError
        The secret cannot be read.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already: name a new folder")
    draft = folder.with_name(f"{folder.name}{PART}")
    with psycopg.connect(dsn, autocommit=True) as connection:
        revision, secret, size = _marks(connection)
        server = server_version(connection)
        program = choose_dump(server=server, tls=connection.pgconn.ssl_in_use)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700, parents=True)
        identity = _dump(program, dsn, draft, settings.backup_recipients)
        database = SEALED if settings.backup_recipients else DATABASE
        files = {database: checksum(draft / database)} | _copy_files(draft, settings, before)
        manifest = Manifest(
            made_at=SystemClock().now(),
            mawid=version("mawid"),
            schema_revision=revision,
            postgresql=server,
            pg_dump=program_version(program),
            secret=secret,
            country=settings.country,
            database_bytes=size,
            files=dict(sorted(files.items())),
        )
        write_for_owner(draft / NAME, manifest.model_dump_json(indent=1) + "\n")
        proven = leave_proof(draft, settings)
        os.sync()
        draft.rename(folder)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, FilesAwayError):
            raise BackupError(f"the files cannot be read: {error}") from error
        if not isinstance(error, OSError):
            raise
        raise BackupError(f"the backup cannot be written: {error}") from error
    return Made(manifest, identity, proven)


def _marks(connection: psycopg.Connection) -> tuple[str, str, int]:
    """Return the schema's revision, what the database keeps of its secret ("" for nothing), and its size in bytes."""
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
    (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    return found[0], kept[0] if kept else "", size


def _dump(program: Path, dsn: str, folder: Path, recipients: Sequence[str]) -> str | None:
    """Write the database into a folder.

    Where there are recipients, it is encrypted for them and for a new key of this file alone; returns that secret key.
    """
    identity = new_identity() if recipients else None
    command = [str(program), "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    descriptor = os.open(folder / (SEALED if recipients else DATABASE), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as file,
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
            command, env=os.environ | libpq_environment(dsn), stdout=subprocess.PIPE, stderr=complaints
        ) as running,
    ):
        if running.stdout is None:
            raise BackupError("pg_dump gives nothing")
        try:
            if identity is None:
                shutil.copyfileobj(running.stdout, file, 1 << 20)
            else:
                seal(running.stdout, file, [*recipients, recipient_of(identity)])
        except BaseException:
            running.kill()
            raise
        if running.wait() != 0:
            complaints.seek(0)
            words = complaints.read().decode(errors="replace").strip().replace("\n", "; ")
            raise BackupError(f"the database cannot be read: {words}")
        return identity


def _copy_files(draft: Path, settings: Settings, before: Path | None) -> dict[str, str]:
    """Copy what is there, and return the SHA-256 of each file by its name; one that is removed meanwhile was over."""
    (draft / EVIDENCE).mkdir(mode=0o700)
    files, kept = open_files(settings), proven_files(before, settings) if before else {}
    copied = {}
    for one in files.list():
        name = f"{EVIDENCE}/{one.key}"
        digest = kept.get(name)
        try:
            if digest and before and files.is_same(one, before / name, digest) and _link(before / name, draft / name):
                copied[name] = digest
                continue
            content = files.get(one.key)
        except FileMissingError:
            continue
        make_folders(draft / name)
        write_bytes_for_owner(draft / name, content)
        os.utime(draft / name, (one.changed_at, one.changed_at))
        copied[name] = sha256(content).hexdigest()
    return copied


def _link(kept: Path, copy: Path) -> bool:
    """Let a file of an earlier backup be one of this backup too; return whether the disk can do that."""
    make_folders(copy)
    try:
        copy.hardlink_to(kept)
    except OSError:
        return False
    return True
