"""Which queue each job waits in: a worker takes the jobs of all queues, or only of those that it is given."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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
