"""Enqueue a job in the caller's transaction: it exists when, and only when, the transaction commits."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import procrastinate
from sqlalchemy.orm import Session

from booking.core.queues import queue_of

_HOW: Final[Mapping[str, Mapping[str, Any]]] = {
    "study": {"lock": "study", "priority": -1},
    "forecast": {"lock": "forecast", "priority": -1},
}
"""Jobs that take long and that anybody may ask for in numbers: one of a kind at a time, and behind all others."""


@lru_cache(maxsize=1)
def _app() -> procrastinate.App:
    """Return the queue's application for enqueueing alone: it never opens a connection of its own."""
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def enqueue(session: Session, task: str, **arguments: str | int) -> None:
    """Enqueue the job ``task`` (see `booking.jobs`) on the session's own connection."""
    connection = session.connection().connection.driver_connection
    how = {"queue": queue_of(task).value, **_HOW.get(task, {})}
    _app().configure_task(task, connection=connection, allow_unknown=True, **how).defer(**arguments)
