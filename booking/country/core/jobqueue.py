"""Enqueue a job in the caller's transaction: it exists when, and only when, the transaction commits."""

from functools import lru_cache
from typing import Any, Final

import procrastinate
from sqlalchemy.orm import Session

from booking.country.core.queues import queue_of

LONG: Final = frozenset({"study", "forecast"})
"""Jobs that take long and that anybody may ask for in numbers: one of a kind at a time, and behind all others."""
_BEHIND: Final = -1


@lru_cache(maxsize=1)
def _app() -> procrastinate.App:
    """Return the queue's application for enqueueing alone: it never opens a connection of its own."""
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def enqueue(session: Session, task: str, **arguments: str | int) -> None:
    """Enqueue the job ``task`` (see `booking.jobs`) on the session's own connection."""
    connection = session.connection().connection.driver_connection
    how: dict[str, Any] = {"lock": task, "priority": _BEHIND} if task in LONG else {}
    how["queue"] = queue_of(task).value
    _app().configure_task(task, connection=connection, allow_unknown=True, **how).defer(**arguments)


def priority_of(task: str) -> int:
    """Return the priority with which `enqueue` lets a job wait; it falls each time that its worker is killed."""
    return _BEHIND if task in LONG else 0
