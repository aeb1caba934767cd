"""Jobs that are over are removed after a while: the queue's table would grow by thousands a day."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from booking.country.core.core import Core

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
