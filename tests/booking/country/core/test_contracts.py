"""Steps that take away what earlier versions need: done when none of those lives, once, by who may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from booking.country.core import presence, schema_changes
from booking.country.core.presence import living
from booking.country.core.schema import SchemaError, migrate, pending_migrations
from booking.country.core.schema_changes import all_contracts, finish, finish_in_time, list_left
from booking.operations.upgrade.statements import effects_of
from booking.operations.worker.life import work
from tests.booking.country.core.test_presence import a_process
from tests.support.roles import as_app
from tests.support.waiting import PATIENCE

SHORT = timedelta(milliseconds=100)


@pytest.fixture
def step(monkeypatch, tmp_path, database_url):
    """Add a step that removes a table which the version before 0030 reads."""
    monkeypatch.setattr(schema_changes, "FOLDER", tmp_path)
    (tmp_path / "0030_gone.sql").write_text("-- The table goes.\nDROP TABLE gone;\n")
    with psycopg.connect(plain(database_url), autocommit=True) as connection:
        connection.execute("CREATE TABLE gone (); DELETE FROM contract_step")
        yield connection


def plain(url):
    return url.replace("+psycopg", "")


def is_there(connection):
    return connection.execute("SELECT to_regclass('gone') IS NOT NULL").fetchone() == (True,)


def older_process(core, **about):
    with core.sessions.begin() as session:
        a_process(session, number="0029", **about)


def test_a_step_waits_for_an_older_process_and_says_for_which(step, core, database_url):
    older_process(core)

    (left,) = finish(database_url, patience=SHORT)

    assert left.words == "0030_gone (The table goes) waits for web of 0.1.0 (schema 0029) on one.example"
    assert is_there(step)
    step.execute("DELETE FROM running_process")
    assert finish(database_url, patience=SHORT) == []
    assert not is_there(step)
    assert list_left(database_url) == []


def test_a_process_that_can_do_without_keeps_no_step(step, core, database_url):
    with core.sessions.begin() as session:
        a_process(session, number="0030")

    assert migrate(database_url).current
    assert not is_there(step)


def test_finishing_waits_until_the_older_process_has_ended(step, core, database_url, monkeypatch):
    older_process(core)
    looks = []

    def end_it(_seconds):
        looks.append(is_there(step))
        step.execute("DELETE FROM running_process")

    monkeypatch.setattr(presence, "sleep", end_it)
    assert finish_in_time(database_url, within=timedelta(minutes=1)) == []
    assert (looks, is_there(step)) == ([True], False)


def test_of_two_who_finish_at_once_one_does_the_step(step, database_url):
    with ThreadPoolExecutor(2) as both:
        ends = [both.submit(finish, database_url, patience=timedelta(minutes=1)) for _ in range(2)]
        assert [one.result(PATIENCE) for one in ends] == [[], []]

    assert step.execute("SELECT name FROM contract_step").fetchall() == [("0030_gone",)]


def test_a_table_in_use_keeps_a_step_and_nobody_waits_behind_it(step, database_url):
    with psycopg.connect(plain(database_url), application_name="a long look") as user:
        user.execute("SELECT FROM gone")

        (left,) = finish(database_url, patience=SHORT)

        assert "the longest transaction, that of process" in left.words
        assert "a long look" in left.words
    assert finish(database_url, patience=SHORT) == []


def test_the_role_that_works_leaves_steps_to_the_owner(step, database_url):
    (left,) = finish(as_app(database_url), patience=SHORT)

    assert left.words.endswith("waits for the role that owns the schema: `mawid migrate`")
    assert is_there(step)


def test_a_process_that_starts_while_an_upgrade_goes_by_ends_before_it_works(step, core):
    """It had looked at the schema, and no upgrade saw it yet: a step took away what it was about to read."""
    (found,) = step.execute("SELECT version_num FROM alembic_version").fetchone()
    step.execute("UPDATE alembic_version SET version_num = '9999_newer'")
    try:
        with pytest.raises(SchemaError, match="newer"):
            work(core, lambda _: pytest.fail("it began to work"))
    finally:
        step.execute("UPDATE alembic_version SET version_num = %s", [found])

    with core.sessions() as session:
        assert living(session.connection()) == []


def test_a_new_database_has_every_step_done(core):
    with core.sessions() as session:
        done = session.scalars(text("SELECT name FROM contract_step")).all()

    assert sorted(done) == [one.name for one in all_contracts()] != []


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda one: one.name)
def test_a_step_says_what_it_does_belongs_to_a_migration_and_is_foreseen(contract):
    assert contract.script.startswith("-- ")
    assert len(contract.name) <= 60
    assert contract.number in {one.revision[:4] for one in pending_migrations(None)}
    assert list(effects_of(contract.script))
