"""Kill -9 of everything, at random points: what was acknowledged stays, and no place is taken twice."""

import json
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from booking.country.core.schema import migrate
from booking.jobs import make_app
from booking.opening import open_core
from booking.platform.base.message_states import MessageState
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import Appointment, Message, Request
from booking.platform.models.states import AppointmentState
from tests.crash import asker
from tests.crash.workers import a_worker
from tests.support.country import cheap_settings, fill_country

# Nothing that another thread holds is needed: the child opens all that it works with.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

KILLS = ("asker", "postgres", "valkey", "worker", "asker", "postgres")

DOUBLE = text(
    """
    SELECT count(*) FROM slot_pool p LEFT JOIN (
      SELECT ap.slot_id, ap.pool, sum(ap.places) AS places
      FROM appointment_places ap JOIN appointment a ON a.id = ap.appointment_id
      WHERE a.state IN ('offered', 'confirmed', 'checked_in', 'served', 'no_show')
      GROUP BY ap.slot_id, ap.pool
    ) c USING (slot_id, pool)
    WHERE p.taken <> coalesce(c.places, 0) OR p.taken > p.places
    """
)
# What could not be delivered while PostgreSQL was away is tried again some seconds later: not to be waited for.
NOW = text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


def ask_aloud(output: int, database_url: str, redis_url: str) -> None:
    """Ask and book, in a process of its own, and say into a pipe what was acknowledged."""
    sys.stdout = os.fdopen(output, "w")
    asker.main(database_url, redis_url)


class Asker:
    """The asking process, forked from this one, and all that it was told."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self.urls = database_url, redis_url
        self.acknowledged: dict[str, set[str]] = {"asked": set(), "held": set(), "confirmed": set()}
        self.start()

    def start(self) -> None:
        output, into = os.pipe()
        self.process = multiprocessing.get_context("fork").Process(target=ask_aloud, args=(into, *self.urls))
        self.process.start()
        os.close(into)
        self.output = os.fdopen(output)

    def read(self, lines: int) -> None:
        for _ in range(lines):
            self.note(self.output.readline())

    def note(self, line: str) -> None:
        if line.endswith("\n"):  # else it was killed in the middle of it
            word, reference = line.split()
            self.acknowledged[word].add(reference)

    def kill(self) -> None:
        self.process.kill()
        with self.output:
            for line in self.output:
                self.note(line)
        self.process.join()


@pytest.fixture
def servers(tmp_path) -> Iterator[tuple[EmbeddedPostgres, EmbeddedValkey]]:
    with EmbeddedPostgres(tmp_path / "p") as postgres, EmbeddedValkey(tmp_path / "v") as valkey:
        migrate(postgres.url)
        fill_country(postgres.url, valkey.url, days=10, rows=4_000)
        yield postgres, valkey


def test_no_acknowledged_request_is_lost_and_no_place_is_taken_twice(servers, tmp_path):
    postgres, valkey = servers
    log = tmp_path / "worker.log"
    chance = random.Random(20261101)  # noqa: S311 - where to kill, not a secret
    asking, worker = Asker(postgres.url, valkey.url), a_worker(postgres.url, valkey.url, log=log)
    try:
        for victim in KILLS:
            asking.read(chance.randrange(3, 12))
            if victim == "asker":
                asking.kill()
                asking.start()
            elif victim == "worker":
                worker.kill()
                worker.wait()
                worker = a_worker(postgres.url, valkey.url, log=log)
            else:
                os.kill((postgres if victim == "postgres" else valkey).process_id, signal.SIGKILL)
        asking.read(6)
    finally:
        asking.kill()
        worker.kill()
        worker.wait()

    lines = [line for line in log.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
    told = [line for line in lines if not line.startswith("{")]
    assert all(json.loads(line)["level"] for line in lines if line not in told)  # whatever happened to it
    assert all(line.startswith("OperationalError: the database does not do its part: ") for line in told)
    with open_core(cheap_settings(database_pooled=False), database_url=postgres.url, redis_url=valkey.url) as core:
        with core.sessions() as session:
            requests = set(session.scalars(select(Request.reference)))
            appointments = dict(session.execute(select(Appointment.reference, Appointment.state)).all())
            assert asking.acknowledged["asked"] <= requests
            assert asking.acknowledged["held"] <= appointments.keys()
            # The worker lives by today's clock, for which days of November 2026 are over: only who confirmed can miss.
            assert {appointments[reference] for reference in asking.acknowledged["confirmed"]} <= {
                AppointmentState.CONFIRMED,
                AppointmentState.NO_SHOW,
            }
            assert session.scalar(DOUBLE) == 0
        with core.sessions.begin() as session:
            session.execute(NOW)
        make_app(core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
        with core.sessions() as session:
            waiting = (
                select(func.count())
                .select_from(Message)
                .where(Message.secret.is_not(None), Message.state == MessageState.WAITING)
            )  # by the worker's clock most codes are too late to be sent
            stalled = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver' AND status = 'todo'")
            assert session.scalar(stalled) == 0
            assert session.scalar(waiting) <= core.settings.jobs_concurrency  # of a killed worker: retried when stalled
    assert sum(map(len, asking.acknowledged.values())) > len(KILLS)
