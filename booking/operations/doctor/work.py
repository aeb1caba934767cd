"""What runs and what waits: the worker, its jobs, notices, officers' queues, draws and the public log."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select, text

from booking.country.core.jobqueue import LONG
from booking.operations.doctor.findings import Finding, Patient, core_of, fault, warning
from booking.operations.health.queues import Ran, Waiting, list_queues, list_runs, read_draws
from booking.operations.worker.stalled import MOST_KILLS
from booking.operations.worker.views import WorkerState, list_failed, read_worker
from booking.platform.base.message_states import MessageState
from booking.platform.models import LogHold, Message
from booking.scheduling.draws.announce import list_past_the_log

MOST_PENDING: Final = 100_000
"""Entries that may wait for the public log: some minutes of a nation's evening."""
_STUCK: Final = text(
    """
    SELECT job.task_name, count(*) FROM procrastinate_jobs job
    LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND coalesce(worker.last_heartbeat < now() - interval '10 minutes', true)
    GROUP BY job.task_name ORDER BY job.task_name
    """
)
_POISONED: Final = text(
    """
    SELECT task_name, count(*) FROM procrastinate_jobs job
    WHERE status = 'failed' AND priority <= 1 - :kills - CAST(task_name = ANY(:long) AS int) AND EXISTS (
        SELECT FROM procrastinate_events event
        WHERE event.job_id = job.id AND event.type = 'failed' AND event.at > now() - interval '7 days')
    GROUP BY task_name ORDER BY task_name
    """
)
_LATE: Final = {
    Waiting.REVIEWS: "decide them (/desk/reviews), or give them to more officers",
    Waiting.APPEALS: "answer them: people were promised a day",
    Waiting.URGENT: "decide them (/desk/urgent): the day for which they were asked is over",
    Waiting.ONLINE: "decide them (/desk/online): people were promised a day",
    Waiting.NOTICES: "look at the gateways: `mawid notices try sms NUMBER`; raise MAWID_GATEWAY_CALLS if they are slow",
}


def look_at_jobs(patient: Patient) -> Iterator[Finding]:
    """Find a worker that is silent or behind, and jobs that are stuck, kill their worker, fail, or do not begin."""
    core = core_of(patient)
    health = read_worker(core)
    if health.state is WorkerState.SILENT:
        yield fault(
            "no worker gives a sign of life: draws, expiry and notices stand still",
            "`mawid serve` or `mawid worker`; its log says why it ended (worker_ended, WorkerError)",
        )
    elif health.state is WorkerState.BEHIND:
        yield warning(f"a due job waits for {health.due_seconds / 60:.0f} minutes", "start another `mawid worker`")
    with core.sessions() as session:
        stuck = session.execute(_STUCK).all()
        poisoned = session.execute(_POISONED, {"kills": MOST_KILLS, "long": list(LONG)}).all()
    for name, count in stuck:
        yield fault(
            f"{count} × {name} is said to run, and its worker is dead",
            "a worker that lives takes it up within a minute (retry_stalled): start one",
        )
    for name, count in poisoned:
        yield fault(
            f"{count} × {name} killed its worker {MOST_KILLS} times and was given up",
            "find out why before it is asked for again: memory (journalctl -k), or a fault of the program",
        )
    for one in list_failed(core):
        if not one.recovered:
            yield fault(f"{one.count} × {one.name} failed, the last at {one.last_at:%Y-%m-%d %H:%M} UTC",
                        f"the worker's log says why: look for {one.name}")  # fmt: skip
    overdue = [one.name for one in list_runs(core) if one.ran is Ran.OVERDUE]
    if overdue:
        yield fault(f"{', '.join(overdue)} should have begun again long ago", "look whether a worker runs, and at what")


def look_at_queues(patient: Patient) -> Iterator[Finding]:
    """Find what waits for too long, notices that were given up, and a log that is held or does not go on."""
    core = core_of(patient)
    for one in list_queues(core):
        if one.late:
            yield warning(f"{one.late} of {one.count} {one.what} are late", _LATE.get(one.what, "see /admin"))
        if one.what is Waiting.LOG and one.count > MOST_PENDING:
            yield warning(f"{one.count} entries wait for the public log", "see why the job keep_log fails")
    with core.sessions() as session:
        dead = session.scalar(select(func.count()).where(Message.state == MessageState.DEAD)) or 0
        held = session.scalar(select(LogHold.since).limit(1))
    if dead:
        yield warning(
            f"{dead} notices were given up: people were not told", "docs/reaching-people.md, “Did they get it”"
        )
    if held is not None:
        yield fault(
            "a backup was restored, and the public log waits for what it lacks: no draw closes",
            "`mawid log recover` from a witness's copy",
        )


def look_at_draws(patient: Patient) -> Iterator[Finding]:
    """Find draws and nights whose next step is long due, draws that pass the log by, and that no draw is announced."""
    core = core_of(patient)
    draws = read_draws(core)
    for one in draws.held:
        yield fault(
            f"draw {one.reference} is held up ({one.waits_for or 'its next step is long due'})",
            "/admin says what it waits for; docs/runbook.md, `mawid_draws_held_up`",
        )
    for night in draws.nights:
        yield fault(
            f"night {night.reference} of the exchange is held up ({night.waits_for or 'its next step is long due'})",
            "/admin says what it waits for; docs/runbook.md, “A night of the exchange that is damaged”",
        )
    for reference in list_past_the_log(core):
        yield fault(
            f"draw {reference} says that it is of format 1, which is in no log, and the log announces it",
            "find out who wrote past Mawid; then UPDATE draw SET format = 2, and verify what it gave out",
        )
    if draws.next is None:
        yield warning("no draw is announced: nobody can ask for a place", "`mawid draw announce`")
