"""The database's schema: whether it is this version's, and how it is brought up to date once, no matter who starts."""

import re
import sys
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from booking.country.core import presence, schema_changes
from booking.country.core.schema_changes import (
    ABOUT,
    LOCK,
    NOT_THROUGH,
    PATIENCE,
    InUseError,
    changing_engine,
    engine_of_changes,
    is_lent,
    limit_waiting,
    until_free,
)

BEFORE_FIRST: Final = re.compile(r"00[0-3]\d")
"""Schemas from before the first release, which one first schema replaced: no migration begins there."""

_MIGRATIONS: Final = Path(__file__).parents[2] / "platform" / "migrations"
_HOLDER: Final = text(
    f"""
    SELECT {ABOUT} FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND (l.classid::bigint << 32 | l.objid::bigint) = :lock
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """  # noqa: S608 - our own words
)


class SchemaError(Exception):
    """The schema does not fit this version of Mawid, or cannot be made to; the message says what to do."""


class Beside(StrEnum):
    """Which processes of the version before may go on beside a migration and after it."""

    EVERYBODY = "everybody"
    PAGES = "pages"
    NOBODY = "nobody"

    @property
    def words(self) -> str:
        """What is to be done with Mawid before it."""
        return _TO_DO[self]


_TO_DO: Final = {
    Beside.EVERYBODY: "leave Mawid running",
    Beside.PAGES: "stop the workers and leave the pages running",
    Beside.NOBODY: "stop Mawid",
}


class Schema(NamedTuple):
    """The revision that the database has, None where it has no schema yet, and the one that this version needs.

    ``beside``: who of the old version may go on beside each migration between them, as these say.
    """

    found: str | None
    needed: str
    beside: Beside

    @property
    def current(self) -> bool:
        """Whether nothing is to be done."""
        return self.found == self.needed


def needed_revision() -> str:
    """Return the revision that this version needs; asks no database."""
    return _scripts().get_current_head() or ""


def read_schema(url: str) -> Schema:
    """Return the revision at ``url`` and ours; takes no lock.

    Raises
    ------
    SchemaError
        A newer version of Mawid made the schema, or one from before the first release; or a migration does not say
        whether old code can run beside it.
    """
    with engine_of_changes(url).connect() as connection:
        return _read(connection)


def require_schema(url: str) -> None:
    """Make the schema of an empty database; one in use must have this version's already.

    So no command that somebody runs beside a running Mawid changes the schema under it.

    Raises
    ------
    SchemaError
        The schema is older or newer than this version, or another start holds the lock and does not end.
    """
    schema = read_schema(url)
    if schema.found is None:
        migrate(url)
    elif not schema.current:
        raise SchemaError(
            f"the database has schema {schema.found}, and this version of Mawid needs {schema.needed}: back up,"
            f" {schema.beside.words}, then run `mawid migrate`"
        )


def migrate(url: str, *, patience: timedelta = PATIENCE, regardless: bool = False) -> Schema:
    """Bring the schema up to date and return what was found; safe to call again, and by several processes at once.

    Before an upgrade begins, standard error says who of the old version may go on, and who is there. After it, steps
    that take away what only earlier versions need are done where none of these lives; else they are left for later.

    Where nothing is to be done, no lock is taken. Else the lock belongs to a transaction that stays open beside the
    migrations. A lock of the session would stay behind on a pooler's connection, and stop all later starts.

    Parameters
    ----------
    patience
        How long it waits for another start, for a table in use, and for processes that cannot run beside it.
    regardless
        Do not look whether such processes live.

    Raises
    ------
    SchemaError
        The database has a schema that this version does not know, or another connection holds the lock, or a table,
        longer than ``patience``; or a process that cannot run beside a migration lives; or a pooler stands before it.
    """
    schema = read_schema(url)
    if not schema.current:
        with engine_of_changes(url).begin() as keeper:
            if is_lent(keeper):
                raise SchemaError(f"the schema is not changed {NOT_THROUGH}")
            _lock(keeper, patience)
            schema = _read(keeper)  # another start may have been first
            if not schema.current:
                if schema.found is not None:
                    _look_at_old_code(keeper, schema, timedelta(0) if regardless else patience, regardless=regardless)
                _upgrade(url, patience)
    for left in schema_changes.finish(url, patience=patience):
        sys.stderr.write(f"mawid: left for later: {left.words}\n")
    return schema


def pending_migrations(found: str | None) -> list[ModuleType]:
    """Return the modules of the migrations that lead from a revision (None: from nothing) to ours, in their order."""
    scripts = _scripts()
    steps = list(scripts.iterate_revisions(scripts.get_current_head() or "", found or "base"))
    return [migration.module for migration in reversed(steps)]


def knows(revision: str) -> bool:
    """Return whether a schema is this version's, or an older one's from which migrations lead here."""
    try:
        known = _scripts().get_revision(revision)
    except CommandError:
        return False
    return known is not None and known.revision == revision  # Alembic also finds what only begins so


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _read(connection: Connection) -> Schema:
    made = connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    found = connection.scalar(text("SELECT version_num FROM alembic_version")) if made else None
    scripts = _scripts()
    needed = needed_revision()
    if found is not None and not knows(found):
        raise _unknown(found, needed)
    said = {beside(migration.module) for migration in scripts.iterate_revisions(needed, found or "base")}
    return Schema(found, needed, max(said, key=list(Beside).index, default=Beside.EVERYBODY))


def _unknown(found: str, needed: str) -> SchemaError:
    if BEFORE_FIRST.fullmatch(found):
        return SchemaError(
            f"the database has schema {found}, from before the first release of Mawid, and no migration leads from it"
            f" to {needed}: start the version that made it, or give this one an empty database"
        )
    return SchemaError(
        f"the database has schema {found}, which is newer than this version of Mawid (schema {needed}):"
        " start the newer version, or restore the backup from before the upgrade"
    )


def beside(migration: ModuleType) -> Beside:
    """Return who of the version before may go on beside a migration, as it says.

    Raises
    ------
    SchemaError
        It does not say.
    """
    said = getattr(migration, "old_code_can_run", None)
    if not isinstance(said, bool):
        raise SchemaError(
            f"migration {migration.revision} does not say whether old code can run beside it: set `old_code_can_run`"
        )
    if said:
        return Beside.EVERYBODY
    return Beside.PAGES if getattr(migration, "old_pages_can_run", False) else Beside.NOBODY


def _look_at_old_code(connection: Connection, schema: Schema, patience: timedelta, *, regardless: bool) -> None:
    """Say who of the old version may go on, name those who are there, and wait for those who may not."""
    older = presence.older_than(connection, schema.needed[:4])
    there = f"; there: {'; '.join(older)}" if older else ""
    may = {
        Beside.EVERYBODY: "may go on meanwhile",
        Beside.PAGES: "may go on meanwhile, their workers may not",
        Beside.NOBODY: "cannot run beside it",
    }[schema.beside]
    sys.stderr.write(
        f"mawid: schema {schema.found} becomes {schema.needed}; processes of the old version {may}{there}\n"
    )
    if not regardless and (left := presence.wait_for_end(partial(_in_the_way, connection, schema), patience)):
        raise SchemaError(
            f"{left} of the version before cannot run beside this upgrade: {schema.beside.words}, then"
            " `mawid migrate` again. Nothing was changed"
        )


def _in_the_way(connection: Connection, schema: Schema) -> str:
    """Return in words who lives that cannot run beside the upgrade; nothing where nobody does."""
    if schema.beside is Beside.PAGES:
        workers = presence.workers_alive(connection)
        return f"{workers} workers" if workers else ""
    return "; ".join(presence.older_than(connection, schema.needed[:4])) if schema.beside is Beside.NOBODY else ""


def _lock(keeper: Connection, patience: timedelta) -> None:
    """Hold the lock of migrations until the transaction ends."""
    keeper.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"))
    if keeper.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return
    holder = keeper.scalar(_HOLDER, {"lock": LOCK}) or "a process that has just ended"
    seconds = patience.total_seconds()
    sys.stderr.write(f"mawid: {holder} holds the lock of migrations: waiting for it, {seconds:.0f} seconds at most\n")
    limit_waiting(keeper, patience)
    try:
        keeper.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    except OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        raise SchemaError(
            f"{holder} held the lock of migrations for all of {seconds:.0f} seconds. If it migrates, wait until it has"
            " finished and start again; if it is idle, end it in the database: SELECT pg_terminate_backend(PROCESS)"
        ) from None


def _upgrade(url: str, patience: timedelta) -> None:
    """Run the migrations, each in a transaction of its own that asks for tables in use for as long as ``patience``."""
    engine, config = changing_engine(url, patience), _config()

    def upgrade() -> None:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    try:
        until_free(upgrade, engine, patience)
    except InUseError as error:
        raise SchemaError(
            f"a migration waited {patience.total_seconds():.0f} seconds for a table that others use, and was taken"
            f" back; the longest transaction is that of {error}. Stop Mawid everywhere and run `mawid migrate`"
        ) from None
