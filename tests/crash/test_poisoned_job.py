"""A job that kills its worker each time ends where people look, and those that died beside it are done."""

import multiprocessing
import os
import signal
from uuid import uuid4

import pytest
from sqlalchemy import text

from booking import jobs
from booking.country.core.jobqueue import enqueue
from booking.opening import open_core
from booking.operations.doctor.findings import Patient
from booking.operations.doctor.work import look_at_jobs
from booking.operations.worker import stalled
from booking.platform.embedded import Servers
from tests.booking.test_jobs import settle
from tests.support.country import cheap_settings
from tests.support.roles import as_app
from tests.support.waiting import PATIENCE, eventually

BESIDE = 3
NONE_IS_DUE = text("SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at <= now())")
IT_RUNS_BESIDE = text(
    """
    SELECT EXISTS (SELECT FROM procrastinate_jobs one JOIN procrastinate_jobs other USING (worker_id)
    WHERE one.task_name = 'study' AND other.args ->> 'message_id' = :own
    AND one.status = 'doing' AND other.status = 'doing')
    """
)
HOW_THEY_ENDED = text(
    """
    SELECT task_name, status::text, count(*) FROM procrastinate_jobs
    WHERE task_name IN ('study', 'deliver') GROUP BY 1, 2 ORDER BY 1, 2
    """
)
AN_HOUR_AGO = text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


def kill(core, _):
    """Kill the worker once it has taken everything that waits."""
    until(core, NONE_IS_DUE)
    os.kill(os.getpid(), signal.SIGKILL)


def work(core, own):
    """Take longer than the one that kills, if that runs beside."""
    until(core, text(f"SELECT NOT ({IT_RUNS_BESIDE})"), own=own)


def until(core, condition, **values):
    def holds():
        with core.sessions() as session:
            return session.scalar(condition, values)

    eventually(holds)


@pytest.fixture
def a_worker_lives(database_url, redis_url):
    """Run a worker in a process of its own until it has nothing to do, or is killed; give the signal that ended it."""

    def run():
        with open_core(cheap_settings(), database_url=as_app(database_url), redis_url=redis_url) as core:
            worker = {"wait": False, "install_signal_handlers": False, "listen_notify": False}
            jobs.make_app(core).run_worker(concurrency=BESIDE + 1, **worker)

    def live():
        process = multiprocessing.get_context("fork").Process(target=run)
        process.start()
        process.join(PATIENCE)
        process.kill()
        process.join()
        return -process.exitcode

    return live


def test_a_job_that_kills_its_worker_is_named_and_those_beside_it_are_done(
    core, a_worker_lives, database_url, monkeypatch
):
    poisoned = {"study": (jobs.RETRIES, kill), "deliver": (jobs.RETRIES, work)}
    monkeypatch.setattr(jobs, "ONE_OFF", {**jobs.ONE_OFF, **poisoned})
    monkeypatch.setattr(stalled, "APART", stalled.APART / 100)
    with core.sessions.begin() as session:
        enqueue(session, "study", study_id=str(uuid4()))
        for _ in range(BESIDE):
            enqueue(session, "deliver", message_id=str(uuid4()))

    ended_by = []
    while not ended_by or ended_by[-1] == signal.SIGKILL:
        ended_by.append(a_worker_lives())
        assert len(ended_by) <= 2 * stalled.MOST_KILLS, "the job that kills is never given up"
        with core.sessions.begin() as session:
            session.execute(AN_HOUR_AGO)
        settle(core)
        until(core, text("SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE scheduled_at > now())"))

    with core.sessions() as session:
        ended = session.execute(HOW_THEY_ENDED).all()
    assert ended_by.count(signal.SIGKILL) == stalled.MOST_KILLS
    assert ended == [("deliver", "succeeded", BESIDE), ("study", "failed", 1)]
    url = as_app(database_url)
    named = [one.words for one in look_at_jobs(Patient(core.settings, Servers(url, "", url, url), core=core))]
    assert f"1 × study killed its worker {stalled.MOST_KILLS} times and was given up" in named
