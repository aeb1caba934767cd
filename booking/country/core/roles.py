"""What each role may do in the database: the one that works changes rows and nothing else, and never a log.

What the role that reads for analysts sees: columns without a name, a number, an address, a date of birth or words.

Keyed hashes are among them; an export changes them into tokens (`booking.country.export.tables`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from booking.country.core.schema import Schema, SchemaError, migrate, read_schema, require_schema
from booking.country.core.schema_changes import LOCK, PATIENCE
from booking.platform.base.libpq import libpq_parameters
from booking.platform.embedded import Servers

READABLE: Final[Mapping[str, str]] = {
    "account": "id door registered_helper phone_hash created_at roles",
    "alembic_version": "version_num",
    "appeal": "request_id state created_at decided_at",
    "appointment": "id request_id draw_id urgent_request_id office_id state starts_at ends_at confirm_by created_at "
    "confirmed_at checked_in_at ended_at",
    "appointment_places": "appointment_id slot_id pool places",
    "closure": "office_id local_day counters state asked_at planned_at ended_at",
    "draw": "id reference state opens_at closes_at horizon_first horizon_last confirm_seconds policy_version "
    "published_at closed_at figures",
    "draw_entry": "draw_id request_id priority position served rank",
    "draw_left_out": "draw_id request_id",
    "gate_measure": "name subject value measured_at",
    "holiday": "day office_id name_en",
    "key_check": "secret value lasting present free_from",
    "label": "request_id kind value source known_at",
    "office": "id code kind name_ar name_en region_code latitude longitude time_zone counters accessible active",
    "outcome": "appointment_id kind at",
    "outcome_correction": "appointment_id kind at",
    "person": "id",
    "quota_policy": "version active created_at shares limits",
    "replay_run": "day finished_at repeated skipped",
    "request": "id account_id service_id draw_id door state party_size units service_count first_day last_day "
    "weekdays bands needed_by accessible reason_code lost_draws reschedules together device_hash network_hash "
    "phone_hash created_at decided_at",
    "request_edit": "request_id number edited_at",
    "request_errand": "request_id person_id service_id position units reason_code",
    "request_left": "request_id person_id left_at",
    "request_member": "request_id person_id position units live",
    "request_office": "request_id office_id rank first_day last_day",
    "rule_set_version": "version state created_at activated_at source",
    "service": "id code exclusive_group name_ar name_en units audience maximum_wait_days active",
    "slot": "id office_id local_day band starts_at ends_at counters",
    "slot_pool": "slot_id pool places taken overbooked",
    "urgent_decision": "urgent_request_id act position reason_code at undone_at",
    "urgent_request": "id request_id office_id state reason_code severity needed_by for_supervisor over_pool level "
    "submitted_at assigned_at closed_at created_at",
    "verdict": "request_id decision score degraded reasons versions officer_id decided_at inputs",
    "waiting_time": "what counted median worst since measured_at",
    "walk_in": "office_id local_day ticket service_id places state person_hash arrived_at called_at ended_at",
}
"""By table. A person's birth date is not there, so an export of people needs the role that works."""


WRITTEN_ONCE: Final = (
    *("audit_entry", "label", "online_decision", "open_data_file", "outcome_correction", "version_step"),
    *("log_checkpoint", "log_cosignature", "log_entry", "log_tile"),
    *("beacon_part", "beacon_round"),
    *("request_edit", "request_left"),
)
"""Tables to which the role that works only adds rows; triggers refuse the rest to everybody."""

MADE_BY_MIGRATIONS: Final = ("alembic_version", "contract_step")
_LACKS: Final = "SELECT NOT has_table_privilege(%s, 'request', 'SELECT')"
_OF_TRIGGERS: Final = """
    SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', CAST(p.oid AS regprocedure)) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prorettype = 'trigger'::regtype
    AND p.proowner = CAST(CAST(current_user AS text) AS regrole)
"""
"""Statements that keep what runs with its owner's rights to its tables: a trigger needs no right to its function, and
whoever may make one, on a temporary table, could write to the public log, or tell others of what did not happen."""
_MISLED: Final = """
    SELECT format('ALTER FUNCTION %s SET search_path = public, pg_temp', CAST(p.oid AS regprocedure)) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype
    AND p.proowner = CAST(CAST(current_user AS text) AS regrole)
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS said WHERE said LIKE 'search_path=%')
"""
"""Statements that let guards read our own tables: whoever makes a temporary one of the same name, with the rows that a
guard looks for, would else be believed."""
_POWER: Final = text(
    """
    SELECT r.rolsuper OR r.rolcreaterole OR r.rolbypassrls AS mighty,
           pg_has_role(current_user, c.relowner, 'MEMBER')
               OR has_schema_privilege(current_user, c.relnamespace, 'CREATE') AS owns,
           has_table_privilege(current_user, c.oid, 'UPDATE, DELETE, TRUNCATE') AS rewrites
    FROM pg_roles r, pg_class c WHERE r.rolname = current_user AND c.oid = 'audit_entry'::regclass
    """
)


class RoleError(SchemaError):
    """The role with which Mawid works may do more than it should; the message says what to do."""


class TalkativeServerError(SchemaError):
    """PostgreSQL's own log would quote whole rows; the message says what to do."""


def migrate_and_grant(
    servers: Servers, *, patience: timedelta = PATIENCE, always: bool = False, regardless: bool = False
) -> Schema:
    """Bring the schema up to date as the role that owns it, and let the others work; return what was found.

    Parameters
    ----------
    always
        Grant although nothing was migrated: after a restore, or when a role was made anew.
    regardless
        Do not look whether processes live that cannot run beside a migration.

    Raises
    ------
    SchemaError
        See `booking.country.core.schema.migrate`; or the role may not change the schema.
    """
    owner, app = make_url(servers.owner_url).username, make_url(servers.database_url).username
    reader = make_url(servers.reader_url).username
    with _in_words():
        schema = migrate(servers.owner_url, patience=patience, regardless=regardless)
    others = {role for role in (app, reader) if role is not None and role != owner}
    if others:
        with psycopg.connect(**libpq_parameters(servers.owner_url)) as connection:
            if always or not schema.current or _lacks(connection, others):
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
                for found in (_OF_TRIGGERS, _MISLED):
                    for (statement,) in connection.execute(found.encode()).fetchall():
                        connection.execute(statement.encode())
                if app in others:
                    _let_work(connection, sql.Identifier(app or ""))
                if reader in others and reader != app:
                    _let_read(connection, sql.Identifier(reader or ""))
    return schema


def require_schema_and_grant(servers: Servers) -> None:
    """Make the schema of an empty database; one in use must have this version's already: see `require_schema`.

    Raises
    ------
    SchemaError
        The schema is older or newer than this version, or another start holds the lock and does not end.
    """
    with _in_words():
        schema = read_schema(servers.owner_url)
    if schema.found is None or schema.current:
        migrate_and_grant(servers)
    else:
        require_schema(servers.owner_url)


def require_humble_role(engine: Engine) -> None:
    """Refuse to work as a role that could change the schema or a log.

    Raises
    ------
    RoleError
        It is a superuser, owns the tables, or may rewrite the audit log.
    """
    with engine.connect() as connection:
        mighty, owns, rewrites = connection.execute(_POWER).one()
    found = "is a superuser" if mighty else "owns the schema" if owns else "may rewrite the audit log"
    if mighty or owns or rewrites:
        raise RoleError(
            f"the role in MAWID_DATABASE_URL {found}: in production Mawid works as a role that cannot. Make one, name"
            " the owner in MAWID_DATABASE_OWNER_URL, and run `mawid migrate`; docs/runbook.md has the statements"
        )


def require_terse_log(engine: Engine) -> None:
    """Refuse to work with a server whose log quotes names and birth dates wherever a row is refused.

    Raises
    ------
    TalkativeServerError
        ``log_error_verbosity`` is not ``terse`` for this role.
    """
    with engine.connect() as connection:
        if connection.scalar(text("SELECT current_setting('log_error_verbosity')")) != "terse":
            raise TalkativeServerError(
                "PostgreSQL's own log would quote people's rows: as a superuser,"
                " `alter role … set log_error_verbosity = terse` for the roles of MAWID_DATABASE_URL and"
                " MAWID_DATABASE_OWNER_URL, or set it for the whole server; docs/runbook.md has the statements"
            )


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        raise SchemaError(
            "the role in MAWID_DATABASE_URL may not read or change the schema: name the role that owns the database in"
            " MAWID_DATABASE_OWNER_URL and run `mawid migrate`"
        ) from None


def _lacks(connection: psycopg.Connection, roles: set[str]) -> bool:
    return any(connection.execute(_LACKS, [role]).fetchone() == (True,) for role in roles)


def _let_work(connection: psycopg.Connection, app: sql.Identifier) -> None:
    once, made = (sql.SQL(", ").join(map(sql.Identifier, names)) for names in (WRITTEN_ONCE, MADE_BY_MIGRATIONS))
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        "REVOKE UPDATE, DELETE ON {once} FROM {app}",
        "REVOKE INSERT, UPDATE, DELETE ON {made} FROM {app}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",  # to read: for a backup
    ):
        composed = sql.SQL(statement).format(app=app, once=once, made=made)
        connection.execute(composed)


def _let_read(connection: psycopg.Connection, reader: sql.Identifier) -> None:
    connection.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(reader))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(reader))
    for table, columns in READABLE.items():
        names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
        connection.execute(sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(names, sql.Identifier(table), reader))
