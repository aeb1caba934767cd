"""Jobs whose end an outage kept from being recorded: they run again, and it does not count as a kill."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.utils import utcnow
from procrastinate.worker import Worker
from typing_extensions import override

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
