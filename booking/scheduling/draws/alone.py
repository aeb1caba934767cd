"""One process at a time, however long that takes: locks of a transaction, which end with the process.

A lock of a connection would stay behind with a pooler, which lends the connection to the next who asks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.country.core.core import Core

ADVANCING: Final = 0x616476616E6365  # "advance"
"""Held by who does what is due of all draws."""
CLOSES: Final = 0x636C6F736573  # "closes"
"""Held by who closes a draw, in several transactions."""

_NO_LIMITS: Final = text(
    "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """The open transaction of a lock; ``mine``: the lock is ours for as long as that lives."""

    session: Session
    mine: bool
    one_at_a_time: Lock = field(default_factory=Lock)

    def require(self) -> None:
        """Let go on only while the lock is ours; several threads may ask.

        Raises
        ------
        sqlalchemy.exc.OperationalError
            The connection was lost, and the lock with it.
        """
        with self.one_at_a_time:
            self.session.execute(text("SELECT 1"))


@contextmanager
def alone(core: Core, lock: int, *, wait: bool) -> Iterator[Holder]:
    """Hold a lock as nobody else does; yield its holder. Who waits gets it in the end."""
    with core.sessions() as session:
        try:
            # between its statements it has no snapshot, so that dead rows are removed however long a draw takes
            session.execute(_NO_LIMITS)
            if wait:
                session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            mine = wait or bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock}))
            yield Holder(session, mine)
            session.commit()
        except BaseException:
            session.invalidate()  # whatever state the connection is in, its lock ends with it
            raise
