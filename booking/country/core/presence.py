"""Processes that say that they live: of which version each is, where it runs, and what its clock shows.

What an upgrade takes away waits until no process lives that would miss it. Whoever is connected without a pooler is
seen in the database too, by the name of the connection: so those are known who say nothing of themselves. Anybody may
give a connection any name; so it counts only where its role may do what Mawid does (`IS_OURS`).
"""

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar
from uuid import uuid4

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from booking.platform.base.clock import SystemClock
from booking.platform.base.db import Sessions
from booking.platform.models import ProcessKind

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Who = TypeVar("Who")

EVERY: Final = 15.0
"""Seconds between two signs of life."""
POOLED: Final = "pooled"
"""In the name of a connection that a pooler may keep when its process has ended: it says nothing of who lives."""
LOOKS_EVERY: Final = 0.5
"""Seconds between two looks whether somebody still lives for whom one waits."""
ALIVE: Final = timedelta(minutes=1)
"""After so long without a sign a process is taken for ended."""
_VERSIONS: Final = Path(__file__).parents[2] / "platform" / "migrations" / "versions"

_SIGN: Final = text(
    """
    INSERT INTO running_process (id, kind, host, schema_number, version, began_at, seen_at, clock_ahead)
    VALUES (:id, :kind, :host, :schema, :version, now(), now(),
            extract(epoch FROM CAST(:clock AS timestamptz) - clock_timestamp()))
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, clock_ahead = excluded.clock_ahead
    """
)
_ENDED: Final = text("DELETE FROM running_process WHERE id = :id OR seen_at < now() - interval '1 day'")
_THERE: Final = text("SELECT to_regclass('running_process') IS NOT NULL")
_ALIVE: Final = text(
    """
    SELECT kind, host, schema_number, version, extract(epoch FROM clock_timestamp() - seen_at)::float AS silent,
           clock_ahead AS ahead
    FROM running_process WHERE seen_at > clock_timestamp() - CAST(:alive AS interval) ORDER BY kind, host, began_at
    """
)
IS_OURS: Final = "coalesce(has_table_privilege(usesysid, to_regclass('request'), 'INSERT'), false)"
"""Whether the role of a row of pg_stat_activity may do what Mawid does; nobody's may where there are no tables yet."""
_CONNECTED: Final = text(
    r"""
    SELECT number, count(*), string_agg(DISTINCT coalesce(host(client_addr), 'this machine'), ', ') FROM (
        SELECT coalesce(substring(application_name FROM '^mawid (\d{4})(?: |$)'), '') AS number, client_addr
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND application_name ~ '^mawid( \d{4})?( [0-9a-f]{8})*$' AND {is_ours}
    ) ours GROUP BY number ORDER BY number
    """.replace("{is_ours}", IS_OURS)
)
_LOOK_AGAIN: Final = text("SELECT pg_stat_clear_snapshot()")
"""Within a transaction the database shows the same connections again and again."""
_WORKERS: Final = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - CAST(:alive AS interval)"
)


class Process(NamedTuple):
    """One process as it said of itself.

    ``schema_number`` is that of the last migration that its version knows, ``silent`` the seconds since its last sign,
    ``ahead`` the seconds by which its clock was ahead of the database's then.
    """

    kind: str
    host: str
    schema_number: str
    version: str
    silent: float
    ahead: float

    @property
    def words(self) -> str:
        """What it is, for administrators."""
        return f"{self.kind} of {self.version} (schema {self.schema_number}) on {self.host}"


@cache
def own_number() -> str:
    """Return the number of the last migration that this version knows: four digits."""
    return max(file.name for file in _VERSIONS.glob("[0-9]*.py"))[:4]


class Presence:
    """Says that this process lives, from a thread of its own, until the block ends."""

    def __init__(self, sessions: Sessions, kind: ProcessKind) -> None:
        self._sessions = sessions
        self._about: Mapping[str, Any] = {
            "id": uuid4(),
            "kind": kind.value,
            "host": socket.gethostname()[:255],
            "schema": own_number(),
            "version": version("mawid"),
        }
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="presence", daemon=True)

    def __enter__(self) -> Self:
        """Give the first sign before anything else is done, then go on beside it."""
        self._sign()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Sign off; where the database is away, those who look take the process for alive a minute longer."""
        self._ending.set()
        self._thread.join()
        self._say(_ENDED, {"id": self._about["id"]})

    def _go_on(self) -> None:
        while not self._ending.wait(EVERY):
            self._sign()

    def _sign(self) -> None:
        self._say(_SIGN, {**self._about, "clock": SystemClock().now()})

    def _say(self, what: Any, values: Mapping[str, Any]) -> None:
        try:
            with self._sessions.begin() as session:
                session.execute(what, values)
        except SQLAlchemyError as error:
            log.info("presence_not_said", error=type(error).__name__)  # an outage is said by who does the work


def living(connection: Connection) -> Sequence[Process]:
    """Return the processes that said within the last minute that they live; none where the schema is too old for it."""
    if not connection.scalar(_THERE):
        return ()
    return [Process(*row) for row in connection.execute(_ALIVE, {"alive": ALIVE})]


def older_than(connection: Connection, number: str) -> list[str]:
    """Return in words who lives of versions that end before the migration ``number``.

    Connections are named only where nobody of their version said anything: else they are that process's.
    """
    alive = living(connection)
    found = list(dict.fromkeys(one.words for one in alive if one.schema_number < number))
    known = {one.schema_number for one in alive}
    connection.execute(_LOOK_AGAIN)
    for theirs, count, hosts in connection.execute(_CONNECTED):
        if theirs < number and theirs not in known:
            which = f"a version with schema {theirs}" if theirs else "an earlier version"
            found.append(f"{count} connections of {which}, from {hosts}")
    return found


def workers_alive(connection: Connection) -> int:
    """Return how many workers of any version gave the queue a sign of life within the last minute."""
    return int(connection.scalar(_WORKERS, {"alive": ALIVE}) or 0)


def wait_for_end(look: Callable[[], Who], within: timedelta) -> Who:
    """Look again and again who is still there, until nobody is or the time is over; return what was seen last."""
    give_up_at = monotonic() + within.total_seconds()
    while (there := look()) and monotonic() < give_up_at:
        sleep(LOOKS_EVERY)
    return there
