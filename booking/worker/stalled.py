"""Jobs that a killed worker left behind: repeated, or ended for good."""

from datetime import timedelta
from typing import Final

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from booking.worker.cut_off import repeat

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

SILENT_AFTER: Final = timedelta(minutes=1)
"""A worker says every ten seconds that it lives; one that has not for so long is taken for dead."""
MOST_KILLS: Final = 3
"""Times that a job may be killed: one that kills its worker each time must end."""


async def settle_stalled(app: procrastinate.App) -> None:
    """Repeat or end each job whose worker is dead; one never starves another."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER.total_seconds()):
        try:
            await _settle(app, job)
        except ConnectorException:
            log.exception("stalled_job_left", job=job.task_name, id=job.id)


async def _settle(app: procrastinate.App, job: Job) -> None:
    """Repeat the job behind all others; its priority also says how often it was killed, which is not its own failure.

    Raises
    ------
    procrastinate.exceptions.ConnectorException
        The database is away, or the job ended meanwhile.
    """
    task = app.tasks.get(job.task_name)
    kills = 1 + (task.priority if task else 0) - job.priority
    if kills >= MOST_KILLS:
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        log.error("stalled_job_given_up", job=job.task_name, id=job.id, kills=kills)
        return
    await repeat(app, job, priority=job.priority - 1)
