"""A copy of the database for what may be a second old; where it is away or behind, the database itself answers.

Nobody's own is read here: what a person has just done would be missing.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import structlog
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from booking.platform.base.db import Sessions, make_engine
from booking.platform.base.errors import MawidError

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

OLDEST: Final = 2.0
"""Seconds after which what the copy holds is too old."""
LOOKS_EVERY: Final = 0.5
"""Seconds between two looks how far it is."""
GIVES_UP: Final = {"connect_timeout": 2, "tcp_user_timeout": 2_000}
"""Who is far away is taken for away sooner than the database itself: somebody else can answer."""

_NOW: Final = text(
    "SELECT system_identifier::text, pg_current_wal_insert_lsn() - '0/0'::pg_lsn FROM pg_control_system()"
)
_THERE: Final = text(
    "SELECT system_identifier::text, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn END"
    " FROM pg_control_system()"
)
_PAGE: Final = 8192
_HEADERS: Final = frozenset({24, 40})
"""Where the next record goes is after a page's header, where the last one ended before it."""
Read = TypeVar("Read")


class ReplicaCounts(NamedTuple):
    """How many reads the copy answered, how many the database instead; how old the copy was last, in seconds."""

    answered: int
    passed_on: int
    age: float | None


class Replica:
    """Reads from a streaming standby for as long as it is known to be fresh.

    How fresh it is no clock says, as two machines' differ: where it has replayed what the database had written at some
    moment, it is as fresh as that moment, by the monotonic clock of this process.
    """

    def __init__(
        self, url: str, primary: Sessions, *, pool_size: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = make_engine(url, pool_size=pool_size)
        event.listen(self._engine, "do_connect", _give_up_soon)
        event.listen(self._engine, "connect", _only_read)
        self._sessions, self._primary, self._monotonic = Sessions(self._engine), primary, monotonic
        self._written: deque[tuple[float, int]] = deque()
        """Up to where the database had written, and when: what the copy has not replayed yet."""
        self._fresh_at: float | None = None
        self._counting, self._answered, self._passed_on = threading.Lock(), 0, 0
        self._told = False
        self._closing = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="how far the replica is", daemon=True)

    def start(self) -> None:
        """Look from now on how far the copy is; until the first look, the database answers."""
        self._watching.start()

    def close(self) -> None:
        """Stop looking, and close all connections."""
        self._closing.set()
        if self._watching.is_alive():
            self._watching.join()
        self._engine.dispose()

    @property
    def is_fresh(self) -> bool:
        """Whether what it holds is at most `OLDEST` seconds old."""
        at = self._fresh_at
        return at is not None and self._monotonic() - at <= OLDEST

    def read(self, sessions: Sessions, work: Callable[[Session], Read]) -> Read:
        """Do work that only reads, here or else with ``sessions``; raises what the latter raises.

        What fails here, or is not found here, is asked of the database again.
        """
        if self.is_fresh:
            try:
                with self._sessions() as session:
                    found = work(session)
            except (SQLAlchemyError, MawidError) as error:
                if isinstance(error, SQLAlchemyError):
                    self._doubt(error)
            else:
                self._count(answered=True)
                return found
        self._count(answered=False)
        with sessions() as session:
            return work(session)

    def sessions_or(self, sessions: Sessions) -> Sessions:
        """Return what opens sessions here, or ``sessions`` where the copy is away or behind: for long questions."""
        fresh = self.is_fresh
        self._count(answered=fresh)
        return self._sessions if fresh else sessions

    def counts(self) -> ReplicaCounts:
        """Return what it was asked so far, and its age; None where it was never seen."""
        at = self._fresh_at
        with self._counting:
            return ReplicaCounts(self._answered, self._passed_on, None if at is None else self._monotonic() - at)

    def look(self) -> None:
        """Look once how far the copy is."""
        before = self._monotonic()
        try:
            with self._primary() as session:
                system, written = session.execute(_NOW).one()
            with self._sessions() as session:
                theirs, replayed = session.execute(_THERE).one()
        except SQLAlchemyError as error:
            self._doubt(error)
            return
        if theirs != system or replayed is None:
            self._doubt(ValueError("it is no standby of this database"))
            return
        self._written.append((before, _end_of_last(int(written))))
        while self._written and self._written[0][1] <= replayed:
            self._fresh_at = self._written.popleft()[0]
        if self.is_fresh and self._told:
            self._told = False
            log.warning("replica_answers_again")

    def _watch(self) -> None:
        while True:
            self.look()
            if not self.is_fresh and not self._told:
                self._told = True
                log.warning("replica_is_behind")
            if self._closing.wait(LOOKS_EVERY):
                return

    def _doubt(self, error: Exception) -> None:
        """Ask it nothing until the next look; say why, once."""
        self._fresh_at = None
        self._written.clear()
        if not self._told:
            self._told = True
            log.warning("replica_is_away", error=type(error).__name__)

    def _count(self, *, answered: bool) -> None:
        with self._counting:
            self._answered += answered
            self._passed_on += not answered


def _end_of_last(position: int) -> int:
    """Return where the last record ended, of where the next one goes; also of what is not on the disk yet."""
    after_header = position % _PAGE
    return position - after_header if after_header in _HEADERS else position


def _give_up_soon(_dialect: object, _record: object, _arguments: object, parameters: dict[str, Any]) -> None:
    parameters.update(GIVES_UP)


def _only_read(connection: Any, _record: object) -> None:
    connection.read_only = True
