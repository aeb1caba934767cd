"""What can be seen of the workers from outside: their last beat, what waits for them, what failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import text

from booking.country.core.core import Core
from booking.country.core.jobqueue import Queue
from booking.operations.worker.stalled import SILENT_AFTER

BEHIND_AFTER: Final = 600.0
"""Seconds that a due job may wait for a worker that lives: jobs of the night are long."""
SHOWN_FOR: Final = timedelta(days=7)
"""Failures that administrators see."""
COUNTED_FOR: Final = timedelta(days=1)
"""Failures that are counted for alarms."""


class WorkerState(StrEnum):
    """Whether jobs are run: yes; a worker lives but does not get to them; no worker gives a sign of life."""

    WORKING = "working"
    BEHIND = "behind"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """The workers as the queue's tables show them, by the database's clock.

    Attributes
    ----------
    beat_seconds
        Since the last sign of life of any worker; None when none is registered.
    due_seconds
        That the oldest due job has waited; 0 when none waits.
    """

    state: WorkerState
    beat_seconds: float | None
    due_seconds: float


@dataclass(frozen=True, slots=True)
class FailedJobs:
    """The jobs of one name that failed for good.

    Attributes
    ----------
    recovered
        Whether a later job of that name succeeded.
    """

    name: str
    count: int
    last_at: datetime
    recovered: bool


_HEALTH: Final = text(
    """
    SELECT
      (SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers),
      extract(epoch FROM now() - least(
        (SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at <= now()),
        (SELECT min(at) FROM procrastinate_events WHERE type = 'deferred' AND job_id = (
           SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at IS NULL ORDER BY id LIMIT 1))
      ))
    """
)

_DUE: Final = text(
    """
    SELECT queue_name, max(extract(epoch FROM now() - coalesce(scheduled_at, deferred.at)))::float
    FROM procrastinate_jobs
    LEFT JOIN procrastinate_events deferred ON deferred.job_id = procrastinate_jobs.id AND deferred.type = 'deferred'
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
    GROUP BY queue_name
    """
)
_FAILED: Final = text(
    """
    SELECT failed.task_name, failed.count, failed.last_at, EXISTS (
        SELECT FROM procrastinate_jobs later
        WHERE later.task_name = failed.task_name AND later.status = 'succeeded' AND later.id > failed.last_id
    )
    FROM (
        SELECT job.task_name, count(DISTINCT job.id) AS count, max(event.at) AS last_at, max(job.id) AS last_id
        FROM procrastinate_jobs job
        JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'failed'
        WHERE job.status = 'failed' AND event.at > now() - CAST(:within AS interval)
        GROUP BY job.task_name
    ) failed
    ORDER BY failed.last_at DESC
    """
)


def read_worker(core: Core) -> WorkerHealth:
    """Read whether jobs are run; raises SQLAlchemyError while the database is away."""
    with core.sessions() as session:
        beat, due = session.execute(_HEALTH).one()
    beat_seconds = None if beat is None else max(0.0, float(beat))
    due_seconds = 0.0 if due is None else max(0.0, float(due))
    if beat_seconds is None or beat_seconds > SILENT_AFTER.total_seconds():
        state = WorkerState.SILENT
    else:
        state = WorkerState.BEHIND if due_seconds > BEHIND_AFTER else WorkerState.WORKING
    return WorkerHealth(state, beat_seconds, due_seconds)


def due_by_queue(core: Core) -> Mapping[str, float]:
    """Return by queue for how many seconds its oldest due job has waited; 0 where none waits."""
    with core.sessions() as session:
        waits = {queue: max(0.0, seconds or 0.0) for queue, seconds in session.execute(_DUE)}
    return {**{queue.value: 0.0 for queue in Queue}, **waits}


def list_failed(core: Core, *, within: timedelta = SHOWN_FOR) -> list[FailedJobs]:
    """List what failed for good lately, the latest first."""
    with core.sessions() as session:
        return [FailedJobs(*row) for row in session.execute(_FAILED, {"within": within})]
