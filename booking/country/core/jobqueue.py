"""Enqueue a job in the caller's transaction: it exists when, and only when, the transaction commits."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import procrastinate
from sqlalchemy.orm import Session


class Queue(StrEnum):
    """Draws and what follows them; what people are told; what takes long and hurries nobody; all else."""

    DRAWS = "draws"
    NOTICES = "notices"
    LONG = "long"
    REST = "default"


_OTHERS: Final[Mapping[Queue, tuple[str, ...]]] = {
    Queue.DRAWS: ("advance_draws", "advance_swaps", "publish_audit"),
    Queue.NOTICES: ("deliver", "deliver_all", "send_reset", "tell_usernames", "send_events"),
    Queue.LONG: (
        *("replay", "measure_drift", "measure_waits", "learn_forecast", "link_everyone", "open_questions", "back_up"),
        *("publish_days", "study", "forecast", "try_quotas", "plan_closure", "copy_account"),
        *("replay_events", "measure_services", "make_roster", "repair_roster"),
    ),
}
_QUEUE_OF: Final = {job: queue for queue, jobs in _OTHERS.items() for job in jobs}


def queue_of(job: str) -> Queue:
    """Return the queue of a job by its name."""
    return _QUEUE_OF.get(job, Queue.REST)


def named_jobs() -> frozenset[str]:
    """Return the names of all jobs that are not with the rest."""
    return frozenset(_QUEUE_OF)


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
