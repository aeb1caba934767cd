"""What the database is: its schema whole and of this version, its secret ours, its country ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint, make_url, select

import booking.country.core
from booking.country.core import audit
from booking.country.core.audit import BrokenChainError
from booking.country.core.roles import MADE_BY_MIGRATIONS, READABLE, WRITTEN_ONCE
from booking.country.core.schema import SchemaError, read_schema
from booking.country.core.schema_changes import list_left
from booking.operations.doctor.findings import Finding, Patient, connection_of, core_of, fault, warning
from booking.platform.base.settings import Environment, SettingsError, secrets_known
from booking.platform.base.vault import Secret
from booking.platform.models import Base, Office
from booking.transparency.log.audit_heads import compare_audit_in, root_of_entries_in
from booking.transparency.log.checkpoints import read_checkpoint
from booking.transparency.log.log import log_keys, newest_in, size_in
from booking.transparency.log.notes import NoteError

GUARDS: Final = Path(booking.country.core.__file__).with_name("guards.txt")
"""Every trigger of this version's schema."""
SHOWN: Final = 3
_RESTORE: Final = "restore the last good backup into an empty database; what is missing here no migration makes again"
_TRIGGERS: Final = r"""
    SELECT tgrelid::regclass || ': ' || regexp_replace(
        pg_get_triggerdef(oid), 'CREATE (?:CONSTRAINT )?TRIGGER (.*) ON .*EXECUTE FUNCTION (.*)', '\1, \2')
    FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE 'procrastinate%'
"""
_OFF: Final = """
    SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND tgenabled NOT IN ('O', 'A')
"""
_THERE: Final = """
    SELECT c.relname || '.' || a.attname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('i', 'I')
"""
_INVALID: Final = """
    SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready)
"""
_UNCHECKED: Final = """
    SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated
"""
_IN_USE: Final = "SELECT value FROM key_check WHERE present"


def look_at_schema(patient: Patient) -> Iterator[Finding]:
    """Find a schema that is not this version's."""
    try:
        schema = read_schema(patient.servers.database_url)
    except SchemaError as error:
        yield fault(str(error), "as it says")
        return
    if not schema.current:
        yield fault(
            f"the database has schema {schema.found or 'none'}, and this version needs {schema.needed}",
            "back up, read `mawid upgrade --plan`, then `mawid migrate`",
        )
        return
    for one in list_left(patient.servers.database_url):
        yield warning(f"left of an upgrade: {one.words}", "end those processes, then `mawid migrate --finish`")


def look_at_objects(patient: Patient) -> Iterator[Finding]:
    """Find what a restore left out or somebody took away: columns, constraints, indexes, guards."""
    try:
        if not read_schema(patient.servers.database_url).current:
            return
    except SchemaError:
        return
    with connection_of(patient.servers.database_url) as connection:

        def read(query: str) -> set[str]:
            return {row[0] for row in connection.execute(query.encode())}

        there, triggers = read(_THERE), read(_TRIGGERS)
        off, invalid, unchecked = read(_OFF), read(_INVALID), read(_UNCHECKED)
    if missing := sorted(_modelled() - there):
        yield fault(f"{len(missing)} columns, constraints or indexes are missing: {_some(missing)}", _RESTORE)
    expected = set(GUARDS.read_text(encoding="utf-8").splitlines())
    if gone := sorted(one.partition(" ")[0] + one.split()[1] for one in expected - triggers):
        yield fault(f"{len(gone)} guards are missing: {_some(gone)}", _RESTORE)
    if off:
        yield fault(
            f"guards of {_some(sorted(off))} are switched off: rows that must not change can be changed",
            "ALTER TABLE … ENABLE TRIGGER ALL as a superuser, then `mawid audit verify`, and ask who switched them off",
        )
    if invalid:
        yield fault(f"{_some(sorted(invalid))} is an index that was never finished", "REINDEX INDEX CONCURRENTLY …")
    if unchecked:
        yield warning(f"{_some(sorted(unchecked))} was never checked", "ALTER TABLE … VALIDATE CONSTRAINT …")


def look_at_secret(patient: Patient) -> Iterator[Finding]:
    """Find that the settings have another secret than the one that sealed the database."""
    with connection_of(patient.servers.database_url) as connection:
        if connection.execute("SELECT to_regclass('key_check') IS NOT NULL").fetchone() != (True,):
            return
        row = connection.execute(_IN_USE).fetchone()
    try:
        known = {Secret(one).check_value for one in secrets_known(patient.settings)}
    except SettingsError:
        return  # said by the check of the settings
    if row is not None and bytes(row[0]) not in known:
        yield fault(
            "the secret in the settings is not the one that sealed this database",
            "put back MAWID_SECRET_KEY (or secret.key) of this database: with another, people are registered twice",
        )


def look_at_country(patient: Patient) -> Iterator[Finding]:
    """Find a database that was loaded for another country than the settings name."""
    core = core_of(patient)
    with core.sessions() as session:
        codes = set(session.scalars(select(Office.code).where(Office.active)))
    ours = {one.code for one in core.pack.offices}
    if codes and not codes & ours:
        yield fault(
            f"no office of the database is one of the country {core.settings.country}",
            "set MAWID_COUNTRY to that of the database, or MAWID_DATABASE_URL to that of the country",
        )
    elif more := sorted(codes - ours):
        yield warning(
            f"{len(more)} offices of the database are not in the country pack: {_some(more)}",
            "`mawid catalogue check`, then `mawid catalogue load`",
        )
    if not codes:
        yield warning("no office is loaded", "`mawid catalogue load`")


def _modelled() -> set[str]:
    """Return the names of all that the models make: columns as ``table.column``."""
    named: set[str] = set()
    for table in Base.metadata.sorted_tables:
        named |= {f"{table.name}.{column.name}" for column in table.columns}
        named |= {str(index.name) for index in table.indexes}
        kinds = (PrimaryKeyConstraint, UniqueConstraint, CheckConstraint)
        named |= {str(one.name) for one in table.constraints if isinstance(one, kinds) and one.name is not None}
    return named


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


_CHANGED: Final = (
    "keep a copy of the database, ask who could write to it, and compare: `mawid audit verify --checkpoint FILE`"
)


def look_at_audit(patient: Patient) -> Iterator[Finding]:
    """Find an audit log whose chain is broken, or that is not what the public log says of it."""
    with core_of(patient).sessions() as session:
        try:
            audit.verify(session)
            compare_audit_in(session)
        except BrokenChainError as error:
            yield fault(f"the audit log was changed: {error}", _CHANGED)


def look_at_log(patient: Patient) -> Iterator[Finding]:
    """Find a public log that is not what was signed: every entry is hashed again, no tile is believed."""
    core = core_of(patient)
    with core.sessions() as session:
        newest = newest_in(session)
        if newest is None:
            return
        try:
            signed, _ = read_checkpoint(newest.note.encode(), log_keys(core))
        except NoteError as error:
            yield fault(f"the newest checkpoint of the public log is not ours: {error}", _CHANGED)
            return
        if (size := size_in(session)) < signed.size:
            yield fault(f"the public log has {size} entries, and {signed.size} were signed", _CHANGED)
        elif root_of_entries_in(session, signed.size) != signed.root:
            yield fault(f"the first {signed.size} entries of the public log are not those that were signed", _CHANGED)


_GRANT: Final = "`mawid migrate` with MAWID_DATABASE_OWNER_URL set: it grants what each role needs, and no more"
_WORKS: Final = """
    SELECT c.relname, has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'),
           has_table_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE'),
           pg_has_role(current_user, c.relowner, 'MEMBER')
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""
_MIGHT: Final = (
    "SELECT rolsuper OR rolcreaterole OR rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
)
_READS: Final = """
    SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped
      AND has_column_privilege(%(reader)s, c.oid, a.attnum, 'SELECT')
"""
_CHANGES: Final = """
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND has_table_privilege(%(reader)s, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
"""
_KNOWN: Final = "SELECT FROM pg_roles WHERE rolname = %s"


def look_at_rights(patient: Patient) -> Iterator[Finding]:
    """Find rights that are too many or too few of the role that works, and of the one that reads for analysts."""
    with connection_of(patient.servers.database_url) as connection:
        yield from _of_who_works(patient, connection)
        reader = make_url(patient.servers.reader_url).username
        app = make_url(patient.servers.database_url).username
        if reader is not None and reader != app:
            yield from _of_who_reads(connection, reader)


def _of_who_works(patient: Patient, connection: psycopg.Connection) -> Iterator[Finding]:
    tables = connection.execute(_WORKS).fetchall()
    if connection.execute(_MIGHT).fetchone() == (True,) or any(row[5] for row in tables):
        made = fault if patient.settings.environment is Environment.PRODUCTION else warning
        yield made(
            "the role with which Mawid works owns the schema or is a superuser: a slip could rewrite any log",
            "make the three roles (docs/runbook.md, “Your own”), then `mawid migrate`",
        )
        return
    final = {*MADE_BY_MIGRATIONS, *WRITTEN_ONCE}
    lacks = [row[0] for row in tables if not row[1] or not (row[0] in MADE_BY_MIGRATIONS or row[2])
             or not (row[0] in final or (row[3] and row[4]))]  # fmt: skip
    if lacks:
        yield fault(f"the role with which Mawid works may not use {len(lacks)} tables: {', '.join(lacks[:3])}", _GRANT)
    if more := [row[0] for row in tables if row[0] in final and (row[3] or row[4])]:
        yield fault(f"the role with which Mawid works may rewrite {', '.join(more)}", _GRANT)


def _of_who_reads(connection: psycopg.Connection, reader: str) -> Iterator[Finding]:
    if connection.execute(_KNOWN, [reader]).fetchone() is None:
        yield fault(
            "the role of MAWID_DATABASE_READER_URL is not there", "create it (docs/runbook.md), `mawid migrate`"
        )
        return
    allowed = {(table, column) for table, columns in READABLE.items() for column in columns.split()}
    reads = set(connection.execute(_READS, {"reader": reader}).fetchall())
    if more := sorted({table for table, _ in reads - allowed}):
        yield fault(f"the role that reads for analysts sees more than it should, in {', '.join(more[:3])}", _GRANT)
    if lacks := sorted({table for table, _ in allowed - reads}):
        yield warning(f"the role that reads for analysts may not read {', '.join(lacks[:3])}", _GRANT)
    if changed := sorted(row[0] for row in connection.execute(_CHANGES, {"reader": reader})):
        yield fault(f"the role that reads for analysts may change {', '.join(changed[:3])}", _GRANT)
