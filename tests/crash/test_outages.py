"""PostgreSQL restarts, is killed, and is away: one worker lives on, and jobs run again."""

import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

from booking.platform.embedded import EmbeddedPostgres
from tests.crash.workers import a_worker
from tests.support.waiting import PATIENCE, eventually

# A forked worker needs nothing that another thread holds: it opens all that it works with.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

A_JOB = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    VALUES ('default', 'deliver', jsonb_build_object('message_id', %s::text)) RETURNING id
"""
IT_RAN = "SELECT status = 'succeeded' FROM procrastinate_jobs WHERE id = %s"
A_PERIODIC_ONE_RAN = """
    SELECT count(*) > 0 FROM procrastinate_events event JOIN procrastinate_jobs job ON job.id = event.job_id
    WHERE job.task_name <> 'deliver' AND event.type = 'succeeded' AND event.at > %s
"""

THREE_OUTAGES = """
    CREATE SEQUENCE outage;
    CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('outage') <= 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN new;
    END $$;
    CREATE TRIGGER cut_off BEFORE UPDATE ON procrastinate_jobs FOR EACH ROW
    WHEN (new.task_name = 'deliver' AND old.status = 'doing' AND new.status = 'succeeded') EXECUTE FUNCTION cut_off();
"""


def ask(postgres, statement, *values):
    """Run a statement; None while the server or the schema is not there."""
    try:
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):  # away, or not migrated yet
        return None


def a_job_runs(postgres):
    found = []
    eventually(lambda: found.append(ask(postgres, A_JOB, str(uuid4()))) or found[-1] is not None)
    eventually(lambda: ask(postgres, IT_RAN, found[-1]))


def test_a_worker_survives_a_restart_a_kill_and_an_outage_of_postgresql(redis_url, tmp_path):
    log = tmp_path / "worker.log"
    with (
        TemporaryDirectory(prefix="م 5% m+") as folder,
        EmbeddedPostgres(Path(folder) / "p", durable=False) as postgres,
    ):
        assert postgres._socket_folder == postgres.folder  # the address has all these characters
        worker = a_worker(postgres.url, redis_url, log=log)
        try:
            eventually(lambda: ask(postgres, "SELECT count(*) = 1 FROM procrastinate_workers") is True)
            a_job_runs(postgres)
            postgres.stop()
            postgres.start()
            a_job_runs(postgres)
            os.killpg(postgres.process_id, signal.SIGKILL)
            a_job_runs(postgres)

            ask(postgres, "TRUNCATE procrastinate_periodic_defers")  # nothing was done this minute
            lost = log.read_text().count("worker_lost_database")
            postgres.stop()
            eventually(lambda: log.read_text().count("worker_lost_database") == lost + 1)
            postgres.start()
            back = ask(postgres, "SELECT now()")
            a_job_runs(postgres)
            eventually(lambda: ask(postgres, A_PERIODIC_ONE_RAN, back))

            ask(postgres, THREE_OUTAGES)  # each when it records how the job ended
            a_job_runs(postgres)
            assert ask(postgres, "SELECT last_value FROM outage") >= 4, "three failed"
            assert "never retrieved" not in log.read_text()

            assert worker.poll() is None
            postgres.stop()
            worker.terminate()
            assert worker.wait(PATIENCE) == 0
        finally:
            worker.kill()
            worker.wait()
