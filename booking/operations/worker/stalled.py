"""Jobs that a killed worker left behind: repeated, or ended for good."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import procrastinate
import structlog
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.utils import utcnow
from procrastinate.worker import Worker
from sqlalchemy import text
from typing_extensions import override

from booking.country.core.core import Core
from booking.operations.worker.measures import JobsEnded

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Remains:
    """What a worker of this process could not record before it ended.

    Attributes
    ----------
    worker_id
        Its number, where it could not sign off.
    jobs
        Jobs that ended, the database does not know how.
    """

    worker_id: int | None = None
    jobs: list[Job] = field(default_factory=list)


class RecordingWorker(Worker):
    """The queue's worker, which ends where it cannot record how a job ended.

    The library's own would live on, and the job would stay "doing" for good: its worker is not dead.
    """

    def __init__(self, app: App, remains: Remains, measured: JobsEnded, **options: Any) -> None:
        super().__init__(app, install_signal_handlers=False, **options)
        self._remains, self._measured = remains, measured

    @override
    async def _persist_job_status(
        self, job: Job, status: Status, retry_decision: Any, context: JobContext, job_result: Any
    ) -> None:
        seconds = 0.0 if job_result is None else job_result.duration(time.time()) or 0.0
        self._measured.ended(job.task_name, "tried_again" if retry_decision else status.value, seconds)
        try:
            await super()._persist_job_status(job, status, retry_decision, context, job_result)
        except ConnectorException:
            self._remains.jobs.append(job)
            log.warning("job_cut_off", job=job.task_name, id=job.id)
            self.stop()  # type: ignore[no-untyped-call] # the library left its annotation out


async def settle_remains(app: App, remains: Remains) -> None:
    """Repeat the jobs that were cut off, then sign the worker off that had them.

    Raises
    ------
    procrastinate.exceptions.ConnectorException
        The database is away again; what is left remains.
    """
    if remains.jobs:
        waiting = {job.id: job.worker_id for job in remains.jobs}
        for job in await app.job_manager.list_jobs_async(status=Status.DOING.value):
            if job.id in waiting and job.worker_id in {None, waiting[job.id]}:  # else another worker has it by now
                await repeat(app, job, priority=job.priority)
        remains.jobs.clear()
    if remains.worker_id is not None:
        await app.job_manager.unregister_worker(remains.worker_id)
        remains.worker_id = None


async def repeat(app: App, job: Job, *, priority: int, after: timedelta = timedelta(0)) -> None:
    """Let a job wait for a worker again; end it where the next one of its name waits, which does the same.

    Parameters
    ----------
    after
        How long it waits at least.

    Raises
    ------
    procrastinate.exceptions.ConnectorException
        The database is away, or the job ended meanwhile.
    """
    try:
        await app.job_manager.retry_job(job, retry_at=utcnow() + after, priority=priority)
    except UniqueViolation:  # the next one of a periodic job
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        log.warning("stalled_job_replaced", job=job.task_name, id=job.id)
    else:
        log.warning("stalled_job_repeated", job=job.task_name, id=job.id)


SILENT_AFTER: Final = timedelta(minutes=1)
"""A worker says every ten seconds that it lives; one that has not for so long is taken for dead."""
MOST_KILLS: Final = 3
"""Times that a job may be killed: one that kills its worker each time must end."""
APART: Final = timedelta(seconds=15)
"""From one job that was killed twice to the next: those that died beside the one that kills run without it."""


async def settle_stalled(app: procrastinate.App) -> None:
    """Repeat or end each job whose worker is dead; one never starves another, nor has others ended for what it does."""
    suspects = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER.total_seconds()):
        kills = _kills(app, job)
        try:
            await _settle(app, job, kills, after=APART * suspects)
            suspects += 1 < kills < MOST_KILLS
        except ConnectorException:
            log.exception("stalled_job_left", job=job.task_name, id=job.id)


def _kills(app: procrastinate.App, job: Job) -> int:
    """Return how often a job was killed, this time too: its priority says it, which is not its own failure."""
    task = app.tasks.get(job.task_name)
    return 1 + (task.priority if task else 0) - job.priority


async def _settle(app: procrastinate.App, job: Job, kills: int, *, after: timedelta) -> None:
    """Repeat a job behind all others: at once the first time, and then ``after`` those that were killed as often.

    A worker dies with everything that it was at, and nobody knows which of it was the reason.

    Raises
    ------
    procrastinate.exceptions.ConnectorException
        The database is away, or the job ended meanwhile.
    """
    if kills >= MOST_KILLS:
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        log.error("stalled_job_given_up", job=job.task_name, id=job.id, kills=kills)
        return
    await repeat(app, job, priority=job.priority - 1, after=after if kills > 1 else timedelta(0))


DONE_KEPT: Final = timedelta(days=7)
FAILED_KEPT: Final = timedelta(days=90)
BATCH: Final = 5_000

_REMOVE: Final = text(
    """
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT job.id FROM procrastinate_jobs job
        WHERE job.status::text = ANY(:states)
          AND NOT EXISTS (
              SELECT FROM procrastinate_events event WHERE event.job_id = job.id AND event.at > now() - :kept
          )
        ORDER BY job.id LIMIT :batch
    )
    """
)


def remove_old_jobs(core: Core) -> int:
    """Remove jobs that ended long ago, in batches; return how many."""
    return _remove(core, ["succeeded"], DONE_KEPT) + _remove(core, ["failed", "cancelled", "aborted"], FAILED_KEPT)


def _remove(core: Core, states: list[str], kept: timedelta) -> int:
    removed = 0
    while True:
        with core.sessions.begin() as session:
            result = session.execute(_REMOVE, {"states": states, "kept": kept, "batch": BATCH})
            count: int = result.rowcount  # type: ignore[attr-defined] # a DELETE has one
        removed += count
        if count < BATCH:
            return removed
