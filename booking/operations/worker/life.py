"""A worker's life: it runs jobs until it is told to stop, and waits while the database is away."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from prometheus_client import CollectorRegistry
from psycopg import sql
from typing_extensions import override

from booking.country.core.core import Core
from booking.country.core.jobqueue import Queue
from booking.country.core.late_start import require_no_upgrade_meanwhile
from booking.country.core.measures import add_own
from booking.country.core.presence import Presence
from booking.operations.worker.measures import JobsEnded
from booking.operations.worker.stalled import SILENT_AFTER, RecordingWorker, Remains, settle_remains, settle_stalled
from booking.platform.base import logs
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.logs import kind_of
from booking.platform.base.measures import OWN, told_on_machine
from booking.platform.base.settings import Settings
from booking.platform.models import ProcessKind

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LOOKS_AGAIN: Final = 5.0
"""Seconds between two looks for jobs, beside the notices."""
LOOKS_OFTEN: Final = 1.0
"""The same where there are no notices."""
TRIES_AGAIN: Final = 5.0
"""Seconds after which the address past the pooler is tried again; till then jobs are found by looking."""


def looks_after(settings: Settings) -> float:
    """Return the seconds after which a worker looks for jobs of which it was not told."""
    return LOOKS_OFTEN if settings.database_pooled and settings.database_listen_url is None else LOOKS_AGAIN


def make_connector(settings: Settings, address: dict[str, Any], *, timeout: float) -> PsycopgConnector:
    """Make the queue's way to the database.

    Parameters
    ----------
    address
        What libpq and psycopg take.
    timeout
        Seconds in which it must have a connection.
    """
    if not settings.database_pooled:
        return PsycopgConnector(kwargs=address, timeout=timeout)
    past = settings.database_listen_url
    return PooledConnector(
        None if past is None else libpq_parameters(past.get_secret_value()), kwargs=address, timeout=timeout
    )


class PooledConnector(PsycopgConnector):
    """Works through a pooler and listens past it, on one connection; without its address it never hears of anything."""

    def __init__(self, past_it: dict[str, Any] | None, **options: Any) -> None:
        super().__init__(**options)
        self._past_it = past_it

    @override
    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Pass notices on until cancelled; where the address does not answer, say so once and try again."""
        if self._past_it is None:
            await asyncio.Event().wait()
            return
        named, silent = list(channels), False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self._past_it, autocommit=True) as connection:
                    for channel in named:
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    if silent:
                        log.warning("worker_hears_again")
                    silent = False
                    await self._loop_notify(on_notification=on_notification, connection=connection)
            except psycopg.OperationalError as error:
                if not silent:
                    log.warning("worker_hears_nothing", error=type(error).__name__)
                silent = True
            await asyncio.sleep(TRIES_AGAIN)


BEAT: Final = 10.0
"""Seconds between two signs of life."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
"""Seconds between two looks at a database that is away, and before a new beginning; each is twice the one before."""
STEADY_AFTER: Final = 60.0
"""Seconds of work after which an end is not the same fault again."""
MOST_FAILURES: Final = 5
"""Ends in a row, with a database that answers, after which the worker gives up."""
SPARE_THREADS: Final = 4
"""Threads beside those of jobs: names of hosts are resolved in one, also while every job waits."""


class WorkerError(Exception):
    """The worker ended without having been asked, again and again, with a database that answers."""


def work(core: Core, make_app: Callable[[Core], App], *, queues: Sequence[Queue] = ()) -> None:
    """Run jobs until told to stop (SIGINT, SIGTERM); jobs under way are finished first.

    An outage of the database is waited out, and is said in the log once when it begins and once when it ends.

    Parameters
    ----------
    make_app
        Makes the queue with its jobs (`booking.jobs.make_app`), again at each new beginning.
    queues
        Those whose jobs it takes; none named: all, also those that another version knows.

    Raises
    ------
    SchemaError
        An upgrade went by while it started.
    WorkerError
        The worker keeps ending for another reason.
    """
    logs.configure()
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it warns at each try; we say what has changed
    measured, registry = JobsEnded(), CollectorRegistry()
    registry.register(measured)
    add_own(registry, core)
    told = told_on_machine(core.settings.state_dir, "worker", {OWN: registry})
    with told, Presence(core.sessions, ProcessKind.WORKER):
        require_no_upgrade_meanwhile(core)
        asyncio.run(_until_told(core, make_app, measured, queues))


async def _until_told(
    core: Core, make_app: Callable[[Core], App], measured: JobsEnded, queues: Sequence[Queue]
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(core.settings.jobs_concurrency + SPARE_THREADS))
    asked = asyncio.Event()
    life = asyncio.create_task(_live(core, make_app, asked, measured, queues))

    def stop() -> None:
        if not asked.is_set():
            asked.set()
            life.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await life


async def _live(
    core: Core,
    make_app: Callable[[Core], App],
    asked: asyncio.Event,
    measured: JobsEnded,
    queues: Sequence[Queue],
) -> None:
    failures, remains = 0, Remains()
    while True:
        born = time.monotonic()
        error = await _work_once(core, make_app(core), remains, measured, queues)
        if asked.is_set():  # an outage kept it from signing off
            return
        if not await _answers(core):
            failures = 0
            await _wait_out(core)
            continue
        failures = 1 if time.monotonic() - born > STEADY_AFTER else failures + 1
        if failures == MOST_FAILURES:
            why = "no reason was given" if error is None else kind_of(error)
            raise WorkerError(f"the worker ended {failures} times in a row: {why}") from error
        log.warning("worker_begins_again", error=error)
        await asyncio.sleep(_pause(failures))


async def _work_once(
    core: Core, app: App, remains: Remains, measured: JobsEnded, queues: Sequence[Queue]
) -> Exception | None:
    """Run jobs until the queue's worker ends; return why, where it says so.

    Where one of its side tasks fails it stops as if it had been asked to, and only logs why.

    Parameters
    ----------
    remains
        What the one before could not record: it is settled first. What this one cannot is added.
    """
    worker = RecordingWorker(
        app,
        remains,
        measured,
        queues=[one.value for one in queues] or None,
        concurrency=core.settings.jobs_concurrency,
        fetch_job_polling_interval=looks_after(core.settings),
        stalled_worker_timeout=SILENT_AFTER.total_seconds(),
    )
    try:
        async with app.open_async():
            await settle_remains(app, remains)
            await settle_stalled(app)
            beat = asyncio.create_task(_beat(app, worker))
            try:
                await worker.run()  # type: ignore[no-untyped-call] # the library left its annotation out
            finally:
                beat.cancel()
                remains.worker_id = worker.worker_id
    except Exception as error:  # noqa: BLE001 - whatever it is, the worker begins again or gives up aloud
        return error
    return None


async def _beat(app: App, worker: RecordingWorker) -> None:
    """Give signs of life to the end: the library's own stop while the last jobs are finished, which may take long."""
    while True:
        await asyncio.sleep(BEAT)
        if worker.worker_id is not None:
            with suppress(ConnectorException):  # its side tasks notice an outage too
                await app.job_manager.update_heartbeat(worker.worker_id)


async def _wait_out(core: Core) -> None:
    log.error("worker_lost_database")
    began, tries = time.monotonic(), 0
    while not await _answers(core):
        tries += 1
        await asyncio.sleep(_pause(tries))
    log.warning("worker_found_database", seconds=round(time.monotonic() - began, 1))


async def _answers(core: Core) -> bool:
    """Return whether the database can be written to: not away, not starting, no standby."""
    try:
        async with await psycopg.AsyncConnection.connect(**libpq_parameters(core.sessions.kw["bind"].url)) as probe:
            row = await (await probe.execute("SELECT pg_is_in_recovery()")).fetchone()
    except psycopg.OperationalError:
        return False
    return row == (False,)


def _pause(tries: int) -> float:
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (tries - 1))
