"""Jobs that run apart from requests: at least once, so each one may be repeated without harm (Procrastinate)."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final
from uuid import UUID

import procrastinate
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision, RetryStrategy
from procrastinate.jobs import Job
from typing_extensions import override

from booking.antifraud.gate.replay import replay
from booking.antifraud.gate.study_runs import run_study
from booking.antifraud.gate.watching import measure_drift
from booking.antifraud.linking.newcomers import compare_newcomers, open_duplicates
from booking.antifraud.linking.rings import open_rings
from booking.antifraud.watching.alerts import open_questions
from booking.country.catalogue.load import has_quota_policy, keep_slots_ahead
from booking.country.core.core import Core
from booking.country.core.jobqueue import priority_of, queue_of
from booking.country.core.measures import require_right_clock
from booking.country.core.register import RegisterAwayError
from booking.country.figures.waits import measure_waits
from booking.country.open_data.days import publish_days
from booking.desk.counter import closing
from booking.desk.counter.walk_ins import end_open_visits, lapse_tickets
from booking.desk.hall.reckon import forget_priorities, measure_service_times
from booking.desk.helpers.papers import remove_old_consents
from booking.desk.rights.copy import make_copy, remove_old_copies
from booking.desk.rights.erase import erase_closed
from booking.desk.rosters import absent as roster_repairs
from booking.desk.rosters import make as rosters
from booking.desk.rosters.rows import forget_absences
from booking.eservices.credentials.status import remove_old_credentials
from booking.eservices.online import originals as online_keeping
from booking.eservices.online.originals import lapse_unposted, remind_of_post
from booking.operations.recovery.nightly import back_up
from booking.operations.worker.life import make_connector
from booking.operations.worker.periods import PERIODS
from booking.operations.worker.stalled import remove_old_jobs, settle_stalled
from booking.people.accounts.change_phone import change_waiting_phones
from booking.people.accounts.lost_factor import forget_after_waiting
from booking.people.accounts.recover_username import TELL, tell_usernames
from booking.people.accounts.reset_password import SEND, send_reset
from booking.people.calendars.views import end_unread
from booking.people.payments import capture as refunds
from booking.people.payments import provider
from booking.people.reaching import deliver
from booking.people.reaching.retention import remove_old_traces
from booking.people.staff import propose as staff_changes
from booking.people.webhooks import again as events_again
from booking.people.webhooks.hand_out import remove_old_events
from booking.people.webhooks.send import send_waiting as send_events
from booking.platform.base.errors import DrawRunningError, PolicyMissingError
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.outages import is_outage
from booking.scheduling.appointments import expire
from booking.scheduling.appointments.attend import miss_after_closing
from booking.scheduling.draws.publish_audit import JOB as PUBLISH_AUDIT
from booking.scheduling.draws.publish_audit import AuditAwaitedError, await_audit
from booking.scheduling.draws.publish_coarse import publish_coarse
from booking.scheduling.draws.schedule import advance_draws
from booking.scheduling.forecast import kept as kept_forecast
from booking.scheduling.forecast.no_show import remind_early
from booking.scheduling.requests.judge_again import judge_again
from booking.scheduling.requests.review import escalate_appeals
from booking.scheduling.swaps.schedule import advance_swaps, forget_nights
from booking.scheduling.urgent import retention
from booking.scheduling.urgent.evidence import remove_old_uploads
from booking.transparency.log.asking import ask_witnesses
from booking.transparency.log.audit_heads import log_audit_head
from booking.transparency.log.log import sequence
from booking.transparency.log.views import log_unsaid

RETRIES: Final = RetryStrategy(max_attempts=8, exponential_wait=3)
"""Three seconds, nine, twenty-seven, ...: up to some hours, for what another system must answer."""
LONGEST_WAIT: Final = 600
"""Seconds between two tries of what waits for another system however long that is away."""
CONNECTED_WITHIN: Final = 5.0
"""Seconds in which the queue's pool must have a connection; else the worker takes the database for away."""
FIRST: Final = 1
"""The priority of what frees other jobs."""


class Outages(BaseRetryStrategy):
    """As `RETRIES`, for what only a server that is away can keep from being done: any other error would come again."""

    @override
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RETRIES.get_retry_decision(exception=exception, job=job) if is_outage(exception) else None


class UntilAnswered(BaseRetryStrategy):
    """As `RETRIES`, but for ever while what a job waits for is away, a register, a draw, a value: it ends by itself."""

    @override
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, RegisterAwayError | DrawRunningError | AuditAwaitedError):
            return RETRIES.get_retry_decision(exception=exception, job=job)
        tries = min(job.attempts, RETRIES.max_attempts or 0)  # no number of thousands of digits after a month
        return RetryDecision(retry_in={"seconds": min(RETRIES.exponential_wait ** (tries + 1), LONGEST_WAIT)})


def _make_slots(core: Core) -> None:
    keep_slots_ahead(core, pack=core.pack)


def _with_id(work: Callable[[Core, UUID], object]) -> Callable[[Core, str], object]:
    """Return work on a text that is an id."""

    def run(core: Core, text: str) -> None:
        work(core, UUID(text))

    return run


def _try_quotas(core: Core, trial_id: UUID) -> None:
    """Load what tries quotas when somebody asks for that: compiler and solver, as `draws.schedule` does."""
    from booking.scheduling.quotas.trial_work import run  # noqa: PLC0415 - see above

    run(core, trial_id)


PERIODIC: Final[Mapping[str, Sequence[Callable[[Core], object]]]] = {
    "advance_draws": (advance_draws,),
    "advance_swaps": (advance_swaps,),
    "expire": (
        expire.lapse_offers,
        expire.lapse_challenges,
        expire.remind,
        miss_after_closing,
        lapse_tickets,
        end_open_visits,
        retention.lapse_cases,
        retention.return_unused,
    ),
    "keep_log": (log_unsaid, log_audit_head, sequence, ask_witnesses),
    "deliver_all": (deliver.deliver_waiting,),
    "send_events": (send_events,),
    "compare_newcomers": (compare_newcomers,),
    "escalate_appeals": (escalate_appeals,),
    "end_online_cases": (
        online_keeping.lapse_waiting,
        online_keeping.expire_results,
        remind_of_post,
        lapse_unposted,
        refunds.refund_owed,
    ),
    "change_waiting_phones": (change_waiting_phones, forget_after_waiting),
    "make_slots": (_make_slots,),
    "remind_early": (remind_early,),
    "end_staff_changes": (staff_changes.expire,),
    "remove_old_evidence": (
        remove_old_uploads,
        retention.remove_old_evidence,
        online_keeping.remove_old_papers,
        remove_old_consents,
    ),
    "remove_old_traces": (
        remove_old_traces,
        remove_old_events,
        end_unread,
        remove_old_credentials,
        forget_nights,
        forget_priorities,
        forget_absences,
    ),
    "erase_closed": (remove_old_copies, erase_closed),
    "remove_old_jobs": (remove_old_jobs,),
    "publish_days": (publish_days, publish_coarse),
    "replay": (replay,),
    "measure_drift": (measure_drift,),
    "measure_waits": (measure_waits,),
    "measure_services": (measure_service_times,),
    "learn_forecast": (kept_forecast.learn_own,),
    "link_everyone": (open_duplicates, open_rings),
    "open_questions": (open_questions,),
    "back_up": (back_up,),
}
"""The steps of each job that runs by itself, in their order; no job waits or runs twice at a time. When: `PERIODS`."""

ONE_OFF: Final[Mapping[str, tuple[BaseRetryStrategy, Callable[[Core, str], object]]]] = {
    "plan_closure": (Outages(), _with_id(closing.plan)),
    rosters.JOB: (Outages(), _with_id(rosters.make)),
    roster_repairs.JOB: (Outages(), _with_id(roster_repairs.plan)),
    "try_quotas": (Outages(), _with_id(_try_quotas)),
    "study": (Outages(), _with_id(run_study)),
    kept_forecast.JOB: (Outages(), kept_forecast.learn),
    "judge_again": (UntilAnswered(), _with_id(judge_again)),
    PUBLISH_AUDIT: (UntilAnswered(), await_audit),
    "refund": (RETRIES, _with_id(refunds.refund)),
    "tell_of_charge": (RETRIES, provider.deliver),
    "deliver": (Outages(), deliver.deliver_one),
    events_again.JOB: (Outages(), _with_id(events_again.replay)),
    "copy_account": (RETRIES, _with_id(make_copy)),
    # What visitors ask for by a name or a phone, never learning whether anybody has it.
    SEND: (Outages(), send_reset),
    TELL: (Outages(), tell_usernames),
}
"""How each job that a use case asks for is tried again, and its work; its one argument is an id or a reference."""


def make_app(core: Core) -> procrastinate.App:
    """Make the queue's application, with every job bound to ``core``."""
    address = libpq_parameters(core.sessions.kw["bind"].url)
    app = procrastinate.App(connector=make_connector(core.settings, address, timeout=CONNECTED_WITHIN))
    for name, steps in PERIODIC.items():
        _add_periodic(app, core, name=name, cron=PERIODS[name].value, steps=steps)

    for name, (retry, work) in ONE_OFF.items():
        _add_one_off(app, core, name=name, retry=retry, work=work)

    @app.periodic(cron=PERIODS["retry_stalled"].value)
    @app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True, priority=FIRST)
    async def retry_stalled(context: JobContext, /, timestamp: int) -> None:  # noqa: ARG001
        await settle_stalled(context.app)

    return app


def _add_periodic(
    app: procrastinate.App, core: Core, *, name: str, cron: str, steps: Sequence[Callable[[Core], object]]
) -> None:
    @app.periodic(cron=cron)
    @app.task(name=name, queueing_lock=name, lock=name, queue=queue_of(name).value)
    def run(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        with _traced(core, name):
            require_right_clock(core)
            take(core, steps)


def _add_one_off(
    app: procrastinate.App, core: Core, *, name: str, retry: BaseRetryStrategy, work: Callable[[Core, str], object]
) -> None:
    @app.task(name=name, retry=retry, priority=priority_of(name), queue=queue_of(name).value)
    def run(**about: str) -> None:
        (one,) = about.values()
        with _traced(core, name):
            work(core, one)


def _traced(core: Core, name: str) -> AbstractContextManager[object]:
    return nullcontext() if core.traces is None else core.traces.job(name)


def take(core: Core, steps: Sequence[Callable[[Core], object]]) -> None:
    """Take every step, whatever became of those before; on an installation without a country some have nothing to do.

    Raises
    ------
    ExceptionGroup
        A step failed.
    """
    failures: list[Exception] = []
    for step in steps:
        try:
            with nullcontext() if core.traces is None else core.traces.part(step.__name__, {}):
                step(core)
        except PolicyMissingError as failure:
            if has_quota_policy(core):
                failures.append(failure)
        except Exception as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)
    if failures:
        raise ExceptionGroup("steps failed", failures)
