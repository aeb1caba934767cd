"""When each job that runs by itself was due last, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import text

from booking.country.core.core import Core
from booking.operations.worker.periods import PERIODS, Every
from booking.operations.worker.views import BEHIND_AFTER

_LAST: Final = text(
    """
    SELECT wanted.name, to_timestamp(last.defer_timestamp), CAST(job.status AS text),
        extract(epoch FROM now()) - last.defer_timestamp
    FROM unnest(CAST(:names AS text[])) AS wanted(name)
    LEFT JOIN LATERAL (
        SELECT defer_timestamp, job_id FROM procrastinate_periodic_defers
        WHERE task_name = wanted.name ORDER BY defer_timestamp DESC LIMIT 1
    ) last ON true
    LEFT JOIN procrastinate_jobs job ON job.id = last.job_id
    """
)
_WAITS, _RUNS, _FAILED = "todo", "doing", "failed"


class Ran(StrEnum):
    """How the last run of a job stands; overdue: it should have begun again long ago; never: nothing is known."""

    WELL = "well"
    RUNS = "runs"
    WAITS = "waits"
    FAILED = "failed"
    OVERDUE = "overdue"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that runs by itself: how often, when it was due last and when it is next, by the database's clock."""

    name: str
    every: Every
    ran: Ran
    last_at: datetime | None
    next_at: datetime | None


def list_runs(core: Core) -> list[JobRun]:
    """Return every job that runs by itself, those that did not go well before the others."""
    with core.sessions() as session:
        rows = session.execute(_LAST, {"names": list(PERIODS)}).all()
    runs = [_run(*row) for row in rows]
    return sorted(runs, key=lambda one: (one.ran in {Ran.WELL, Ran.RUNS}, list(PERIODS).index(one.name)))


def _run(name: str, last_at: datetime | None, status: str | None, age: float | None) -> JobRun:
    every = PERIODS[name]
    if last_at is None or age is None:
        return JobRun(name, every, Ran.NEVER, None, None)
    overdue = float(age) > every.length.total_seconds() + BEHIND_AFTER
    ran = {_FAILED: Ran.FAILED, _RUNS: Ran.RUNS, _WAITS: Ran.WAITS}.get(status or "", Ran.WELL)
    return JobRun(name, every, Ran.OVERDUE if overdue else ran, last_at, last_at + every.length)
