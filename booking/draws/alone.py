"""One process at a time, however long that takes: locks of a connection, which end with the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.core.core import Core

ADVANCING: Final = 0x616476616E6365  # "advance"
"""Held by who does what is due of all draws."""
CLOSES: Final = 0x636C6F736573  # "closes"
"""Held by who closes a draw, in several transactions."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The connection of a lock; ``mine``: the lock is ours for as long as that lives."""

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
            # in autocommit mode the connection waits outside of any transaction, however long a draw takes
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            if wait:
                session.execute(text("SET lock_timeout = 0; SET statement_timeout = 0"))
                session.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": lock})
                session.execute(text("RESET lock_timeout; RESET statement_timeout"))
            mine = wait or bool(session.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock}))
            yield Holder(session, mine)
            if mine:
                session.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})
        except BaseException:
            session.invalidate()  # whatever state the connection is in, its lock ends with it
            raise
