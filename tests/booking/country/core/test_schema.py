"""Starts that find the schema older, newer or being changed."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from booking import cli
from booking.country.core import schema, schema_changes
from booking.country.core.schema import SchemaError, migrate, read_schema, require_schema
from booking.country.core.schema_changes import ASKS_FOR, LOCK
from booking.platform.base.db import make_engine
from tests.booking.country.core.test_presence import a_process
from tests.support.waiting import PATIENCE

SHORT = timedelta(milliseconds=300)


@pytest.fixture
def add_migration(monkeypatch, tmp_path):
    """Make one more migration than there are, which says of old code what the test wants."""
    head, config, more = schema._scripts().get_current_head(), schema._config(), tmp_path / "versions"
    more.mkdir()
    config.set_main_option("version_locations", os.pathsep.join([f"{schema._MIGRATIONS}/versions", str(more)]))
    monkeypatch.setattr(schema, "_config", lambda: config)

    def add(said):
        begin = f"from alembic import op\nrevision, down_revision = '9000_later', {head!r}"
        upgrade = "upgrade = lambda: op.execute('CREATE TABLE later ()')"
        (more / "9000_later.py").write_text(f"{begin}\n{said}\n{upgrade}")

    return add


@pytest.fixture
def older_url(database_url, add_migration):
    """A database one migration behind."""
    add_migration("old_code_can_run = False")
    return database_url


@pytest.fixture
def empty_url(database_url):
    """A database in which nothing was made yet."""
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return database_url


@contextmanager
def a_session(url):
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True, application_name="left behind") as connection:
        yield connection


@pytest.fixture
def start(monkeypatch, capfd, tmp_path):
    """Run ``mawid`` as at a terminal; return its exit code and what it told."""

    monkeypatch.chdir(tmp_path)

    def run(url, *words):
        monkeypatch.setenv("MAWID_DATABASE_URL", url)
        monkeypatch.setenv("MAWID_REDIS_URL", "redis://nowhere.example")
        monkeypatch.setattr(sys, "argv", ["mawid", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capfd.readouterr()
        return ended.value.code, told.out + told.err

    return run


def test_the_schema_is_made_wherever_mawid_is_installed(empty_url, tmp_path, monkeypatch):
    odd = tmp_path / "5% ملف %(here)s"
    odd.symlink_to(schema._MIGRATIONS)
    monkeypatch.setattr(schema, "_MIGRATIONS", odd)

    assert migrate(empty_url).found is None
    assert read_schema(empty_url).current


def test_a_start_blocked_by_another_session_gives_up_and_names_it(older_url, start):
    with a_session(older_url) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])

        code, told = start(older_url, "migrate", "--wait", "1")

        assert code == 1
        waiting, given_up = told.splitlines()
        assert f"process {holder.info.backend_pid} (left behind, from this machine, idle)" in waiting
        assert "waiting for it, 1 seconds at most" in waiting
        assert "pg_terminate_backend" in given_up

    found, needed, _ = read_schema(older_url)
    code, told = start(older_url, "migrate")
    assert (code, told.splitlines()[0]) == (0, f"schema {needed} made, from {found}")


def test_an_up_to_date_database_is_started_on_without_any_lock(database_url, start):
    with a_session(database_url) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])

        assert start(database_url, "migrate") == (0, f"schema {read_schema(database_url).needed} is up to date\n")


def test_a_migration_gives_up_waiting_for_a_table_in_use(older_url):
    with a_session(older_url) as user, user.transaction():
        user.execute("SELECT * FROM alembic_version FOR UPDATE")

        with pytest.raises(SchemaError, match=rf"longest transaction is that of process {user.info.backend_pid} "):
            migrate(older_url, patience=SHORT)

    assert not migrate(older_url).current
    assert read_schema(older_url).current


def test_a_migration_gives_way_before_postgresql_ends_one_who_waits(database_url):
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        asks, limit = connection.execute(
            "SELECT %s::interval, current_setting('deadlock_timeout')::interval", [ASKS_FOR]
        ).fetchone()
    assert asks <= limit / 2


def test_a_migration_undone_as_others_waited_for_it_in_turn_begins_again(monkeypatch):
    monkeypatch.setattr(schema_changes, "PAUSE", 0)
    left = [LockNotAvailable(), DeadlockDetected()]

    def change():
        if left:
            raise OperationalError("", {}, left.pop())

    schema_changes.until_free(change, None, schema_changes.PATIENCE)
    assert not left


def test_two_simultaneous_starts_migrate_once(older_url):
    with a_session(older_url) as holder, ThreadPoolExecutor(2) as both:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        starts = [both.submit(migrate, older_url) for _ in range(2)]
        while locks(holder, granted=False) != 2:
            assert not any(start.done() for start in starts)
        holder.execute("SELECT pg_advisory_unlock_all()")

        assert sorted(start.result(PATIENCE).current for start in starts) == [False, True]
    assert read_schema(older_url).current


def test_of_two_releases_that_migrate_at_once_the_older_one_gives_way(older_url):
    with a_session(older_url) as newer, ThreadPoolExecutor(1) as older:
        newer.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        start = older.submit(migrate, older_url)
        while locks(newer, granted=False) != 1:
            assert not start.done()
        newer.execute("UPDATE alembic_version SET version_num = '9999_newer'")
        newer.execute("SELECT pg_advisory_unlock_all()")

        with pytest.raises(SchemaError, match="newer than this version of Mawid"):
            start.result(PATIENCE)


def test_no_session_lock_stays_on_a_pooled_connection(older_url, monkeypatch):
    seen = []
    with a_session(older_url) as other:
        monkeypatch.setattr(schema, "_upgrade", lambda *_: seen.append(locks(other)))

        migrate(older_url)

        assert seen == [1]
        assert locks(other) == 0


def locks(connection, *, granted=True):
    query = """
        SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted = %s
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    return connection.execute(query, [granted]).fetchone()[0]


@pytest.mark.usefixtures("no_web")
@pytest.mark.parametrize("words", [("migrate",), ("audit", "verify"), ("worker",), ("serve",)])
def test_an_old_version_on_a_newer_schema_stops_with_one_line(database_url, start, words):
    with a_session(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    code, told = start(database_url, *words)

    assert code == 1
    (said,) = [line for line in told.splitlines() if not line.startswith("{")]  # what is logged beside it is JSON
    assert said.startswith("SchemaError: the database has schema 9999, which is newer than this version of Mawid")


def test_a_command_does_not_change_the_schema_of_a_database_in_use(older_url, start):
    code, told = start(older_url, "audit", "verify")

    assert (code, told.count("\n")) == (1, 1)
    assert "stop Mawid, then run `mawid migrate`" in told
    with pytest.raises(SchemaError):
        require_schema(older_url)


def test_an_upgrade_names_old_processes_that_may_keep_running(database_url, add_migration, start):
    add_migration("old_code_can_run = True")
    engine = make_engine(database_url)
    with engine.connect():
        code, lines = start(database_url, "migrate")
    engine.dispose()

    assert code == 0
    assert "becomes 9000_later; processes of the old version may go on meanwhile; there: 1 connections of" in lines


@pytest.mark.parametrize(
    ("said", "told", "to_do"),
    [
        ("old_code_can_run = False", "web of 0.1.0 (schema 0026) on one.example", "stop Mawid"),
        ("old_code_can_run = False; old_pages_can_run = True", "1 workers", "stop the workers"),
    ],
)
def test_an_upgrade_is_refused_beside_processes_that_it_would_break(
    core, database_url, add_migration, start, said, told, to_do
):
    with core.sessions.begin() as session:
        a_process(session, number="0026")
        session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())"))
    add_migration(said)

    code, lines = start(database_url, "migrate", "--wait", "1")

    assert code == 1
    assert f"SchemaError: {told}" in lines
    assert f"{to_do}" in lines.partition("Nothing was changed")[0]
    assert not read_schema(database_url).current
    assert start(database_url, "migrate", "--regardless")[0] == 0
    assert read_schema(database_url).current


def test_pages_may_go_on_where_only_workers_would_break(core, database_url, add_migration, start):
    with core.sessions.begin() as session:
        a_process(session, number="0026")
    add_migration("old_code_can_run = False; old_pages_can_run = True")

    code, lines = start(database_url, "migrate")

    assert code == 0
    assert "may go on meanwhile, their workers may not; there: web of 0.1.0 (schema 0026) on one.example" in lines


def test_a_migration_that_is_silent_about_old_code_is_not_run(database_url, add_migration):
    add_migration("")

    with pytest.raises(SchemaError, match="9000_later does not say whether old code can run beside it"):
        migrate(database_url)


def test_a_schema_from_before_the_first_release_is_refused_in_one_line(database_url, start):
    with a_session(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0039'")

    code, told = start(database_url, "migrate")

    assert (code, told.count("\n")) == (1, 1)
    assert "has schema 0039, from before the first release of Mawid" in told
