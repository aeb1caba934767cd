"""Somebody speaks to the database as the role that works, or as the one that reads, and tries what neither may (M6).

Before, Mawid worked as the owner of the schema: with the trigger off and the last entries deleted, the audit log still
said that its chain was intact.
"""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException
from sqlalchemy import text

from booking.country.core.roles import (
    READABLE,
    WRITTEN_ONCE,
    RoleError,
    TalkativeServerError,
    migrate_and_grant,
    require_humble_role,
    require_terse_log,
)
from booking.country.core.schema import SchemaError
from booking.country.export.tables import TABLES
from booking.opening import open_core
from booking.platform.base.db import make_engine
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.settings import Environment
from booking.platform.embedded import roles
from booking.platform.models import Base
from tests.support.country import cheap_settings
from tests.support.roles import as_app, as_role, past_the_roles, reconnect, servers_of


@pytest.fixture
def tries(module_database_url):
    """Say something to the database as a role; nothing of it stays."""

    def run(role, statement):
        with psycopg.connect(**libpq_parameters(as_role(module_database_url, role))) as connection:
            try:
                return connection.execute(statement)
            finally:
                connection.rollback()

    return run


@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize(
    "statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}", "ALTER TABLE {0} DISABLE TRIGGER USER"]
)
def test_the_app_cannot_rewrite_what_is_written_once(tries, table, statement):
    column = next(iter(Base.metadata.tables[table].columns)).name

    with pytest.raises(InsufficientPrivilege):
        tries(roles.APP, statement.format(table, column))


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION dblink",
        "ALTER TABLE request ADD COLUMN mine int",
        "DROP TABLE audit_entry",
        "DROP TRIGGER audit_entry_rows ON audit_entry",
        "CREATE TRIGGER mine BEFORE INSERT ON request EXECUTE FUNCTION audit_entry_is_final()",
        "TRUNCATE request CASCADE",
        "UPDATE alembic_version SET version_num = '9999'",
        f"SET ROLE {roles.OWNER}",
        f"GRANT {roles.OWNER} TO {roles.APP}",
        "CREATE ROLE mine SUPERUSER",
        "COPY account TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT setval('procrastinate_jobs_id_seq', 1)",
    ],
)
def test_the_app_can_neither_change_the_schema_nor_get_more_rights(tries, statement):
    with pytest.raises(InsufficientPrivilege):
        tries(roles.APP, statement)


@pytest.mark.parametrize("role", [roles.APP, roles.READER])
def test_nobody_can_use_the_owners_triggers_on_a_table_of_their_own(tries, role):
    """They write to the public log, and to what other systems are told: nobody may do so of what did not happen."""
    of_the_owner = "SELECT proname FROM pg_proc WHERE prosecdef AND prorettype = 'trigger'::regtype"
    functions = {name for (name,) in tries(role, of_the_owner).fetchall()}
    assert functions >= {"log_receipt", "log_replaced", "note_events"}
    for function in functions:
        with pytest.raises(InsufficientPrivilege, match=function):
            tries(
                role,
                "CREATE TEMPORARY TABLE mine ();"
                f"CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION public.{function}()",
            )


def test_a_guard_believes_no_temporary_table_of_the_same_name(tries):
    """The role that works makes temporary tables for draws; a guard read such a one in the place of ours."""
    of_guards = (
        "SELECT proname FROM pg_proc WHERE prorettype = 'trigger'::regtype AND pronamespace = 'public'::regnamespace"
    )
    misled = f"{of_guards} AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)"
    assert len(tries(roles.APP, of_guards).fetchall()) > 50
    assert tries(roles.APP, misled).fetchall() == []
    with pytest.raises(RaiseException, match="for the services that it was asked for"):
        tries(
            roles.APP,
            """
            CREATE TEMPORARY TABLE request (id uuid, transaction bigint);
            INSERT INTO request VALUES (gen_random_uuid(), pg_current_xact_id()::text::bigint);
            CREATE TEMPORARY TABLE mine (LIKE request_errand);
            CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION public.request_errand_added();
            INSERT INTO mine (request_id, person_id, service_id, position, exclusive_group, units)
            SELECT id, id, 1, 0, 'any', 1 FROM request
            """,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM household_member",
        "SELECT * FROM request",
        "SELECT birth_date FROM person",
        "SELECT national_number_ciphertext FROM person",
        "SELECT national_number_hash FROM person",
        "SELECT phone_ciphertext FROM account",
        "SELECT username FROM account",
        "SELECT secret FROM message",
        "SELECT details FROM audit_entry",
        "SELECT args FROM procrastinate_jobs",
        "INSERT INTO holiday (day) VALUES (now())",
        "UPDATE request SET state = 'accepted'",
        "DELETE FROM appeal",
        "CREATE TABLE public.mine ()",
        "SET session_replication_role = replica",
    ],
)
def test_the_reader_sees_no_person_and_changes_nothing(tries, statement):
    with pytest.raises(InsufficientPrivilege):
        tries(roles.READER, statement)


def test_the_reader_sees_the_columns_that_leave_in_an_export_but_birth_dates():
    leaving = {(table.source, column) for table in TABLES for column, _ in table.columns}
    readable = {(table, column) for table, columns in READABLE.items() for column in columns.split()}

    assert leaving - readable == {("person", "birth_date")}


def test_the_reader_can_read_each_table_of_an_export(tries):
    for table, columns in READABLE.items():
        tries(roles.READER, f"SELECT {columns.replace(' ', ', ')} FROM {table}")  # noqa: S608 - our own words


@pytest.mark.parametrize(
    ("role", "why"), [("postgres", "is a superuser"), (roles.OWNER, "owns the schema"), (roles.APP, None)]
)
def test_production_refuses_a_role_that_owns_the_schema(database_url, redis_url, role, why):
    fit = {"environment": Environment.PRODUCTION, "register_url": "https://register.example"}
    settings = cheap_settings(payment_provider=None, database_pooled=False).model_copy(update=fit)
    opening = open_core(settings, database_url=as_role(database_url, role), redis_url=redis_url)
    if why is None:
        with opening:
            return
    with pytest.raises(RoleError, match=why):
        opening.__enter__()


def test_production_refuses_a_role_that_may_rewrite_the_log(database_url):
    with psycopg.connect(**libpq_parameters(database_url)) as connection:
        connection.execute("GRANT UPDATE ON audit_entry TO mawid_app")
    engine = make_engine(as_role(database_url, roles.APP))

    with pytest.raises(RoleError, match="may rewrite the audit log"):
        require_humble_role(engine)
    engine.dispose()


def test_production_refuses_a_server_whose_log_quotes_rows(core):
    engine = core.sessions.kw["bind"]
    require_terse_log(engine)
    with past_the_roles(core) as session:
        database = engine.url.database
        session.execute(text(f"ALTER ROLE mawid_app IN DATABASE {database} SET log_error_verbosity = 'default'"))
    engine.dispose()
    reconnect()

    with pytest.raises(TalkativeServerError, match="alter role"):
        require_terse_log(engine)


def test_a_migration_without_the_owner_is_refused_in_words(database_url):
    with psycopg.connect(**libpq_parameters(database_url)) as connection:
        connection.execute("REVOKE SELECT ON alembic_version FROM mawid_app")
    app = as_app(database_url)

    with pytest.raises(SchemaError, match="MAWID_DATABASE_OWNER_URL"):
        migrate_and_grant(servers_of(database_url)._replace(owner_url=app))


def test_rights_that_were_lost_are_granted_again(database_url, tries):
    with psycopg.connect(**libpq_parameters(database_url)) as connection:
        connection.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM mawid_app, mawid_reader")

    migrate_and_grant(servers_of(database_url))

    with psycopg.connect(**libpq_parameters(as_app(database_url))) as connection:
        connection.execute("SELECT name FROM household_member")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("DELETE FROM audit_entry")
