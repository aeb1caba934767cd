import logging

import pytest
from sqlalchemy import text

from booking import cli
from booking.jobs import make_app
from booking.operations.worker import life
from tests.support.roles import past_the_roles


def test_a_worker_that_keeps_ending_unexpectedly_exits_with_an_error(core, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # where it tells what it measures
    monkeypatch.setattr(life, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(logging.getLogger("psycopg.pool"), "level", logging.WARNING)  # restored at the end
    with past_the_roles(core) as session:
        session.execute(text("DROP TABLE procrastinate_workers CASCADE"))

    with pytest.raises(life.WorkerError, match=f"ended {life.MOST_FAILURES} times in a row"):
        life.work(core, make_app)

    assert cli.in_one_line(life.WorkerError("x")) == "WorkerError: x"  # and the code 1
