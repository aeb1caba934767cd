"""What a migration locks, about how long, and whether old code may go on: read from its statements."""

import os

import pytest
from sqlalchemy import text

from booking.country.core import schema
from booking.country.core.schema import Beside, pending_migrations
from booking.operations.upgrade.plan import read_plan, step_of
from booking.operations.upgrade.statements import Stops, UnknownStatementError, Work, effects_of, split
from tests.booking.country.core.test_presence import a_process
from tests.support.roles import past_the_roles

SHIPPED = frozenset(
    {
        "0002_identity",
        "0004_rights",
        "0006_staff_persons",
        "0009_rotation",
        "0011_second_factor",
        "0016_log",
        "0020_edits",
    }
)
"""Migrations from before there was this check, whose reasons their docstrings give."""


@pytest.mark.parametrize(
    ("statement", "table", "stops", "work", "contracts"),
    [
        ("CREATE INDEX i ON request (id)", "request", Stops.WRITERS, Work.INDEXES, False),
        ("CREATE INDEX CONCURRENTLY i ON request (id)", "request", Stops.NOBODY, Work.INDEXES, False),
        ("CREATE UNIQUE INDEX i ON request (id)", "request", Stops.WRITERS, Work.INDEXES, True),
        ("DROP INDEX i", "i", Stops.EVERYBODY, Work.NONE, False),
        ("ALTER TABLE request ADD COLUMN a int", "request", Stops.EVERYBODY, Work.NONE, False),
        ("ALTER TABLE request ADD a int NOT NULL DEFAULT 0", "request", Stops.EVERYBODY, Work.NONE, False),
        ("ALTER TABLE request ADD COLUMN a int NOT NULL", "request", Stops.EVERYBODY, Work.NONE, True),
        (
            "ALTER TABLE request ADD COLUMN a uuid DEFAULT gen_random_uuid()",
            "request",
            Stops.EVERYBODY,
            Work.WRITES,
            False,
        ),
        (
            "ALTER TABLE request ADD a int GENERATED ALWAYS AS (1) STORED",
            "request",
            Stops.EVERYBODY,
            Work.WRITES,
            False,
        ),
        ("ALTER TABLE request DROP COLUMN a", "request", Stops.EVERYBODY, Work.NONE, True),
        ("ALTER TABLE request RENAME COLUMN a TO b", "request", Stops.EVERYBODY, Work.NONE, True),
        ("ALTER TABLE request ALTER COLUMN a TYPE bigint", "request", Stops.EVERYBODY, Work.WRITES, True),
        ("ALTER TABLE request ALTER a SET NOT NULL", "request", Stops.EVERYBODY, Work.READS, True),
        ("ALTER TABLE request ADD CONSTRAINT c CHECK (a > 0)", "request", Stops.EVERYBODY, Work.READS, True),
        ("ALTER TABLE request ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "request", Stops.EVERYBODY, Work.NONE, True),
        ("ALTER TABLE request VALIDATE CONSTRAINT c", "request", Stops.NOBODY, Work.READS, False),
        ("ALTER TABLE request SET (fillfactor = 80)", "request", Stops.NOBODY, Work.NONE, False),
        ("CREATE TRIGGER t BEFORE INSERT ON request EXECUTE FUNCTION f()", "request", Stops.WRITERS, Work.NONE, True),
        ("UPDATE request SET a = 1", "request", Stops.NOBODY, Work.WRITES, False),
        ("DROP TABLE request", "request", Stops.EVERYBODY, Work.NONE, True),
    ],
)
def test_each_kind_of_statement_has_its_lock_and_its_work(statement, table, stops, work, contracts):
    (effect,) = effects_of(statement)

    assert (effect.table, effect.stops, effect.work, bool(effect.contracts)) == (table, stops, work, contracts)


def test_what_is_new_in_the_same_migration_locks_and_contracts_nothing():
    made = "CREATE TABLE later (id int, of uuid REFERENCES request (id)); CREATE UNIQUE INDEX i ON later (id)"
    assert [(one.table, one.what) for one in effects_of(made)] == [("request", "is named by a new table")]

    whole = "ALTER TABLE request ADD COLUMN a int, ADD COLUMN b int, ADD CONSTRAINT c CHECK ((a IS NULL) = (b IS NULL))"
    assert [one.contracts for one in effects_of(whole)] == ["", "", ""]


def test_a_semicolon_in_a_text_a_comment_or_a_body_ends_no_statement():
    body = "CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; END; $x$;"
    script = f"SELECT ';'; -- a; comment\n{body} /* ; */ COMMENT ON TABLE a IS 'b;'"

    assert len(list(split(script))) == 3
    with pytest.raises(UnknownStatementError, match="CLUSTER request"):
        list(effects_of("CLUSTER request"))


def test_a_lock_is_held_until_the_migration_ends(older):
    older("DROP INDEX ix_message_waiting; UPDATE request SET state = state", said=True)
    (module,) = pending_migrations("9000_before")

    step = step_of(module, {"request": 2_000_000}, {"ix_message_waiting": "message"})

    assert step.stopped == {"message": (Stops.EVERYBODY, pytest.approx(24.0))}


@pytest.fixture
def older(monkeypatch, tmp_path):
    """Make two more migrations than there are, of which the second does what the test wants."""
    head, config, more = schema._scripts().get_current_head(), schema._config(), tmp_path / "versions"
    more.mkdir()
    config.set_main_option("version_locations", os.pathsep.join([f"{schema._MIGRATIONS}/versions", str(more)]))
    monkeypatch.setattr(schema, "_config", lambda: config)

    def add(statements, *, said):
        for name, before, does in (("9000_before", head, "SELECT 1"), ("9001_later", "9000_before", statements)):
            (more / f"{name}.py").write_text(
                f'"""One more."""\nfrom alembic import op\nrevision, down_revision = {name!r}, {before!r}\n'
                f"old_code_can_run = {said}\nupgrade = lambda: op.execute({does!r})\n"
            )

    return add


def test_the_plan_of_a_database_names_tables_rows_and_who_must_stop(country, country_url, older):
    key = "ALTER TABLE webhook_secret DROP CONSTRAINT fk_webhook_secret_subscription_id"
    older(f"DROP INDEX ix_message_waiting; CREATE INDEX ix_later ON slot (counters); {key}", said=False)

    told = list(read_plan(country_url).lines())

    assert "in 2 steps, a transaction each" in told[0]
    assert any("    message: removes an index (about " in line for line in told)
    assert any("    message: who reads or writes waits about " in line for line in told)
    assert "    slot: who writes waits about " in "\n".join(told)
    assert "    webhook_subscription: who reads or writes waits about " in "\n".join(told)
    assert "Stop Mawid first: the version before cannot run beside 9000_before, 9001_later." in told


def test_a_plan_stops_workers_alone_and_names_for_whom_a_step_waits(country, country_url, older):
    older("SELECT 1", said="False; old_pages_can_run = True")
    with country.sessions.begin() as session:
        a_process(session, number="0026")
    with past_the_roles(country) as session:
        session.execute(text("DELETE FROM contract_step"))

    told = list(read_plan(country_url).lines())

    (later,) = [one for one in told if one.startswith("later: 0027_request_state_index (")]
    assert later.endswith("waits for web of 0.1.0 (schema 0026) on one.example")
    first = "Stop the workers and leave the pages running first: workers of the version before cannot run beside "
    assert f"{first}9000_before, 9001_later." in told


def test_an_up_to_date_database_has_nothing_before_it(country_url):
    (told,) = read_plan(country_url).lines()
    assert told.endswith("is up to date: nothing will happen")


@pytest.mark.parametrize("module", pending_migrations(None)[1:], ids=lambda module: module.revision)
def test_a_migration_beside_which_old_code_runs_takes_nothing_from_it(module):
    """What narrows comes a release after the code that can do without: or the migration says why for each table.

    ``beside_old_code`` maps tables to the reason why the version before never meets what is narrower there.
    """
    step = step_of(module, {}, {})
    assert step.effects is not None, "use statements that the plan of an upgrade can foresee"
    if step.beside is not Beside.NOBODY and module.revision not in SHIPPED:
        excused = getattr(module, "beside_old_code", {})
        assert {one.table for one in step.contracts} == set(excused), [one.what for one in step.contracts]
