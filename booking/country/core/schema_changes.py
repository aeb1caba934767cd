"""How a change of the schema waits: for another change, and for tables in use, without keeping those that use them.

Steps that take away what only earlier versions need: each is done once no process of those lives, and not before.

A step is a file of SQL in ``booking/platform/migrations/contracts``, which begins with a comment that says what it
does. Its name begins with the number of the migration whose code is the first that can do without.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Final, NamedTuple, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, pool, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from booking.country.core import presence
from booking.platform.base.outages import LOCK_ERRORS

LOCK: Final = 0x6D61776964  # "mawid"
PATIENCE: Final = timedelta(minutes=1)
"""How long a start waits for another one that migrates, and a migration for a table in use."""
ASKS_FOR: Final = timedelta(seconds=0.5)
"""How long a change asks for a table at a time, while others wait for what it holds, and behind it.

Theirs is not to fail: they give up after five seconds, and PostgreSQL ends one of two who wait for each other when
either has waited for its ``deadlock_timeout``, a second; then the change has given way.
"""
PAUSE: Final = 0.5
"""Seconds between two tries, in which those who waited behind it go on."""

NOT_THROUGH: Final = "through a pooler: name the server's own address in MAWID_DATABASE_OWNER_URL"
"""Says how else: a migration needs two connections at once, and those who work would wait for both meanwhile."""

ABOUT: Final = """
    concat('process ', a.pid, ' (', nullif(a.application_name, '') || ', ', 'from ',
           coalesce(host(a.client_addr), 'this machine'), ', ', coalesce(a.state, 'state not shown'), ')')
"""
"""A connection of the database in words, of the row ``a`` of pg_stat_activity."""
_LONGEST: Final = text(
    f"""
    SELECT {ABOUT} FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
    ORDER BY a.xact_start LIMIT 1
    """  # noqa: S608 - our own words
)


class InUseError(Exception):
    """A table stayed in use; the message names the longest transaction."""


def engine_of_changes(url: str) -> Engine:
    """Make an engine that keeps no connection, for what looks at the schema or changes it."""
    return create_engine(
        url, poolclass=pool.NullPool, hide_parameters=True, connect_args={"application_name": "mawid migrate"}
    )


def is_lent(connection: Connection) -> bool:
    """Return whether a pooler lends the connection: another process of the server works than the one it named."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    return bool(connection.scalar(text("SELECT pg_backend_pid()")) != driver.info.backend_pid)


def changing_engine(url: str, patience: timedelta) -> Engine:
    """Make an engine whose transactions may last as long as they need, and ask for each table for a moment only."""
    engine = engine_of_changes(url)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        limit_waiting(connection, min(patience, ASKS_FOR))

    return engine


def limit_waiting(connection: Connection, patience: timedelta) -> None:
    """Let no statement of the transaction wait longer for a lock."""
    milliseconds = f"{patience.total_seconds() * 1000:.0f}"
    connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": milliseconds})


def until_free(change: Callable[[], None], engine: Engine, patience: timedelta) -> None:
    """Do a change that is taken back where a table is in use, again and again for as long as ``patience``.

    Raises
    ------
    InUseError
        A table was in use at every try.
    """
    give_up_at = monotonic() + patience.total_seconds()
    while True:
        try:
            change()
        except OperationalError as error:
            if not isinstance(error.orig, LOCK_ERRORS):  # who holds a table may come to wait for one of the change's
                raise
        else:
            return
        if monotonic() >= give_up_at:
            with engine.connect() as connection:
                raise InUseError(connection.scalar(_LONGEST) or "a process that has just ended")
        sleep(PAUSE)


FOLDER: Final = Path(__file__).parents[2] / "platform" / "migrations" / "contracts"

_OWNER: Final = "the role that owns the schema: `mawid migrate`"
_DONE: Final = text("SELECT name FROM contract_step")
_THERE: Final = text("SELECT to_regclass('contract_step') IS NOT NULL")
_TAKE: Final = text(
    "INSERT INTO contract_step (name, done_at) VALUES (:name, now()) ON CONFLICT DO NOTHING RETURNING name"
)


class Contract(NamedTuple):
    """One step: its name, what it does in words, and its statements."""

    name: str
    says: str
    script: str

    @property
    def number(self) -> str:
        """The migration whose code can do without what it takes away."""
        return self.name[:4]


class Left(NamedTuple):
    """A step that is left for later, and for whom, in words; for nobody, where nothing keeps it."""

    contract: Contract
    waits_for: Sequence[str]

    @property
    def words(self) -> str:
        """What is left and why, for administrators."""
        whom = "; ".join(self.waits_for) or "nobody: `mawid migrate` does it"
        return f"{self.contract.name} ({self.contract.says}) waits for {whom}"


def all_contracts() -> list[Contract]:
    """Return every step of this version, in order."""
    found = []
    for file in sorted(FOLDER.glob("*.sql")):
        script = file.read_text(encoding="utf-8")
        found.append(Contract(file.stem, script.partition("\n")[0].removeprefix("--").strip().rstrip("."), script))
    return found


def list_left(url: str) -> list[Left]:
    """Return the steps that are not done yet, with those for whom they wait; takes no lock."""
    with engine_of_changes(url).connect() as connection:
        return [Left(one, presence.older_than(connection, one.number)) for one in _pending(connection)]


def finish(url: str, *, patience: timedelta) -> list[Left]:
    """Do every step for which nobody has to wait, in order, and return those that are left.

    The schema is this version's already. A table that is in use keeps a step as an old process does.

    Parameters
    ----------
    patience
        How long a step waits for a table in use.
    """
    engine = changing_engine(url, patience)
    left = list_left(url)
    while left and not left[0].waits_for:
        try:
            until_free(partial(_do, engine, left[0].contract), engine, patience)
        except InUseError as error:
            return [Left(left[0].contract, [f"the longest transaction, that of {error}"]), *left[1:]]
        except ProgrammingError as error:
            if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise
            return [Left(one.contract, one.waits_for or [_OWNER]) for one in left]
        left = list_left(url)
    return left


def finish_in_time(url: str, *, within: timedelta) -> list[Left]:
    """Do all steps, waiting so long for those who keep them; return what is left then."""
    return presence.wait_for_end(partial(finish, url, patience=within), within)


def _do(engine: Engine, contract: Contract) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if connection.scalar(_TAKE, {"name": contract.name}) is None:
            return  # another start was first
        connection.exec_driver_sql(contract.script)


def _pending(connection: Connection) -> list[Contract]:
    done = set(connection.scalars(_DONE)) if connection.scalar(_THERE) else set()
    return [one for one in all_contracts() if one.name not in done]
