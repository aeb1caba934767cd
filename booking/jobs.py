"""Jobs that run apart from requests: at least once, so each one may be repeated without harm (Procrastinate)."""

from typing import Final
from uuid import UUID

import procrastinate
from procrastinate import JobContext

from booking.core import Core
from booking.counter import closing
from booking.drawing.schedule import advance_draws
from booking.linking.everyone import open_duplicates
from booking.linking.newcomers import compare_newcomers
from booking.linking.rings import open_rings
from booking.no_show.use import remind_early
from booking.screening.replay import replay
from booking.screening.watching import measure_drift
from booking.services import deliver, expire
from booking.services.attend import miss_after_closing
from booking.services.catalogue import keep_slots_ahead
from booking.urgent import keeping

STALLED_AFTER_SECONDS: Final = 60
EVERY_MINUTE: Final = "* * * * *"
EVERY_HOUR: Final = "7 * * * *"
EVERY_NIGHT: Final = "10 1 * * *"
LATER_AT_NIGHT: Final = "40 1 * * *"


def make_app(core: Core) -> procrastinate.App:
    """Make the queue's application, with every job bound to ``core``."""
    url = core.sessions.kw["bind"].url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    _add_nightly_jobs(app, core)

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="advance_draws", queueing_lock="advance_draws", lock="advance_draws")
    def advance(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        advance_draws(core)

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="expire", queueing_lock="expire", lock="expire")
    def end_what_time_ends(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        expire.lapse_offers(core)
        expire.lapse_challenges(core)
        expire.remind(core)
        miss_after_closing(core)
        keeping.lapse_cases(core)
        keeping.return_unused(core)

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="deliver_all", queueing_lock="deliver_all", lock="deliver_all")
    def deliver_all(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        deliver.deliver_waiting(core)

    @app.periodic(cron=EVERY_HOUR)
    @app.task(name="make_slots", queueing_lock="make_slots", lock="make_slots")
    def slots(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        keep_slots_ahead(core, pack=core.pack)

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="compare_newcomers", queueing_lock="compare_newcomers", lock="compare_newcomers")
    def newcomers(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        compare_newcomers(core)

    @app.task(name="plan_closure")
    def plan_closure(closure_id: str) -> None:
        closing.plan(core, UUID(closure_id))

    @app.task(name="deliver")
    def deliver_one(message_id: str) -> None:
        deliver.deliver_one(core, message_id)

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
    async def retry_stalled(context: JobContext, /, timestamp: int) -> None:  # noqa: ARG001
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
            await manager.retry_job(job)

    return app


def _add_nightly_jobs(app: procrastinate.App, core: Core) -> None:
    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name="remove_old_evidence", queueing_lock="remove_old_evidence", lock="remove_old_evidence")
    def remove_evidence(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        keeping.remove_old_evidence(core)

    @app.periodic(cron=EVERY_HOUR)
    @app.task(name="remind_early", queueing_lock="remind_early", lock="remind_early")
    def remind_those_at_risk(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        remind_early(core)

    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name="replay", queueing_lock="replay", lock="replay")
    def replay_yesterday(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        replay(core)

    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name="measure_drift", queueing_lock="measure_drift", lock="measure_drift")
    def drift(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        measure_drift(core)

    # One after the other: each holds all people, or all requests of some months, in memory.
    @app.periodic(cron=LATER_AT_NIGHT)
    @app.task(name="link_everyone", queueing_lock="link_everyone", lock="link_everyone")
    def link_everyone(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
        open_duplicates(core)
        open_rings(core)
