"""Jobs that a killed worker left behind: repeated, or ended for good."""

from datetime import timedelta
from typing import Final

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from booking.operations.worker.cut_off import repeat

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

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
