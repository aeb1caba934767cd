"""The database's schema: whether it is this version's, and how it is brought up to date once, no matter who starts."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, pool, text
from sqlalchemy.exc import OperationalError

from booking.base.db import APPLICATION

LOCK: Final = 0x6D61776964  # "mawid"
PATIENCE: Final = timedelta(minutes=1)
"""How long a start waits for another one that migrates, and a migration for a table in use."""

BEFORE_FIRST: Final = re.compile(r"00[0-3]\d")
"""Schemas from before the first release, which one first schema replaced: no migration begins there."""

_MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
_ABOUT: Final = """
    concat('process ', a.pid, ' (', nullif(a.application_name, '') || ', ', 'from ',
           coalesce(host(a.client_addr), 'this machine'), ', ', coalesce(a.state, 'state not shown'), ')')
"""
_HOLDER: Final = text(
    f"""
    SELECT {_ABOUT} FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND (l.classid::bigint << 32 | l.objid::bigint) = :lock
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """  # noqa: S608 - our own words
)
_LONGEST: Final = text(
    f"""
    SELECT {_ABOUT} FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
    ORDER BY a.xact_start LIMIT 1
    """  # noqa: S608 - our own words
)
_OLD_CODE: Final = text(
    f"""
    SELECT string_agg({_ABOUT}, ', ' ORDER BY a.pid) FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.application_name ~ ('^' || :name || '( [0-9a-f]{8})*$')
    """  # noqa: S608 - our own words
)


class SchemaError(Exception):
    """The schema does not fit this version of Mawid, or cannot be made to; the message says what to do."""


class Schema(NamedTuple):
    """The revision that the database has, None where it has no schema yet, and the one that this version needs.

    ``old_code_can_run``: each migration between them says that processes of the old version may go on beside it.
    """

    found: str | None
    needed: str
    old_code_can_run: bool

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
    engine = _engine(url)
    with engine.connect() as connection:
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
        stop = "leave Mawid running" if schema.old_code_can_run else "stop Mawid"
        raise SchemaError(
            f"the database has schema {schema.found}, and this version of Mawid needs {schema.needed}: back up, {stop},"
            " then run `mawid migrate`"
        )


def migrate(url: str, *, patience: timedelta = PATIENCE) -> Schema:
    """Bring the schema up to date and return what was found; safe to call again, and by several processes at once.

    Before an upgrade begins, standard error says whether processes of the old version may go on, and which are there.

    Where nothing is to be done, no lock is taken. Else the lock belongs to a transaction that stays open beside the
    migrations. A lock of the session would stay behind on a pooler's connection, and stop all later starts.

    Raises
    ------
    SchemaError
        The database has a schema that this version does not know, or another connection holds the lock, or a table,
        longer than ``patience``.
    """
    schema = read_schema(url)
    if schema.current:
        return schema
    with _engine(url).begin() as keeper:
        _lock(keeper, patience)
        schema = _read(keeper)  # another start may have been first
        if not schema.current:
            if schema.found is not None:
                _tell_about_old_code(keeper, schema)
            _upgrade(url, patience)
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


def _engine(url: str) -> Engine:
    return create_engine(
        url, poolclass=pool.NullPool, hide_parameters=True, connect_args={"application_name": "mawid migrate"}
    )


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
    said = [_old_code_can_run(migration) for migration in scripts.iterate_revisions(needed, found or "base")]
    return Schema(found, needed, all(said))


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


def _old_code_can_run(migration: Script) -> bool:
    said = getattr(migration.module, "old_code_can_run", None)
    if not isinstance(said, bool):
        raise SchemaError(
            f"migration {migration.revision} does not say whether old code can run beside it: set `old_code_can_run`"
        )
    return said


def _tell_about_old_code(connection: Connection, schema: Schema) -> None:
    """Say whether web processes and workers of the old version may go on, and name those that are connected."""
    connected = connection.scalar(_OLD_CODE, {"name": APPLICATION})
    there = f"; connected: {connected}" if connected else ""
    may = "may go on meanwhile" if schema.old_code_can_run else "cannot run beside it: they must be stopped"
    sys.stderr.write(
        f"mawid: schema {schema.found} becomes {schema.needed}; processes of the old version {may}{there}\n"
    )


def _lock(keeper: Connection, patience: timedelta) -> None:
    """Hold the lock of migrations until the transaction ends."""
    keeper.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"))
    if keeper.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return
    holder = keeper.scalar(_HOLDER, {"lock": LOCK}) or "a process that has just ended"
    seconds = patience.total_seconds()
    sys.stderr.write(f"mawid: {holder} holds the lock of migrations: waiting for it, {seconds:.0f} seconds at most\n")
    _limit_waiting(keeper, patience)
    try:
        keeper.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    except OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        raise SchemaError(
            f"{holder} held the lock of migrations for all of {seconds:.0f} seconds. If it migrates, wait until it has"
            " finished and start again; if it is idle, end it in the database: SELECT pg_terminate_backend(PROCESS)"
        ) from None


def _limit_waiting(connection: Connection, patience: timedelta) -> None:
    milliseconds = f"{patience.total_seconds() * 1000:.0f}"
    connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": milliseconds})


def _upgrade(url: str, patience: timedelta) -> None:
    """Run the migrations, each in a transaction of its own that waits for no table longer than ``patience``."""
    engine = _engine(url)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        _limit_waiting(connection, patience)

    config = _config()
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        with engine.connect() as connection:
            busy = connection.scalar(_LONGEST) or "a process that has just ended"
        raise SchemaError(
            f"a migration waited {patience.total_seconds():.0f} seconds for a table that others use, and was taken"
            f" back; the longest transaction is that of {busy}. Stop Mawid everywhere and run `mawid migrate`"
        ) from None
