"""Kill -9 of a worker in the middle of every periodic job: those of the next minute run."""

from contextlib import suppress

import psycopg
import pytest
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text

from booking.jobs import PERIODIC, make_app
from tests.crash.workers import a_worker
from tests.support.waiting import eventually

# A forked worker needs nothing that another thread holds: it opens all that it works with.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

OUR_TABLES = """
    SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
      AND tablename NOT IN ('procrastinate_jobs', 'procrastinate_events', 'procrastinate_workers')
"""
AN_OLD_JOB = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'study', 'succeeded');
    UPDATE procrastinate_events SET at = at - interval '1 year';
"""
IN_THE_MIDDLE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name ~ '^mawid [0-9]' AND wait_event_type = 'Lock'
"""

AN_HOUR_AGO = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
IT_BEATS = "SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"


def is_locked(holding, tables) -> bool:
    """Lock all tables, or none where a job that runs already has some of them and waits for others."""
    try:
        holding.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    except psycopg.errors.DeadlockDetected:
        holding.rollback()
        return False
    return True


def defer_all(core, *names):
    with make_app(core).open() as app:
        for name in (*PERIODIC, *names):
            with suppress(AlreadyEnqueued):  # by the worker itself, for this minute
                app.tasks[name].defer(timestamp=0)


def states(core, name):
    found = text("SELECT status::text FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
    with core.sessions() as session:
        return session.scalars(found, {"name": name}).all()


def after_the_killed_one(core, name):
    found = states(core, name)
    return found[found.index("failed") + 1]


def test_periodic_jobs_run_again_after_a_worker_is_killed_in_each(core, database_url, redis_url):
    dsn = database_url.replace("+psycopg", "")
    worker = a_worker(database_url, redis_url, MAWID_JOBS_CONCURRENCY=str(len(PERIODIC) + 1))
    try:
        with psycopg.connect(dsn, autocommit=True) as watch, psycopg.connect(dsn) as holding:
            eventually(lambda: watch.execute("SELECT count(*) FROM procrastinate_workers").fetchone()[0] == 1)
            watch.execute(AN_OLD_JOB)
            tables = watch.execute(OUR_TABLES).fetchone()[0]
            eventually(lambda: is_locked(holding, tables))
            defer_all(core)
            eventually(lambda: watch.execute(IN_THE_MIDDLE).fetchone()[0] >= len(PERIODIC))
            worker.terminate()  # it finishes its jobs first, and must not seem dead meanwhile
            eventually(lambda: watch.execute(AN_HOUR_AGO).rowcount == 1 and not watch.execute(IT_BEATS).fetchone())
            eventually(lambda: watch.execute(IT_BEATS).fetchone() is not None)
            worker.kill()
            worker.wait()
            watch.execute(AN_HOUR_AGO)
    finally:
        worker.kill()
        worker.wait()
    assert [name for name in PERIODIC if "doing" not in states(core, name)] == []

    defer_all(core, "retry_stalled")
    make_app(core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    assert {name: after_the_killed_one(core, name) for name in PERIODIC} == dict.fromkeys(PERIODIC, "succeeded")
