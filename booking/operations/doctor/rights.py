"""Who may do what in the database: neither more nor less than each role needs."""

from collections.abc import Iterator
from typing import Final

import psycopg
from sqlalchemy import make_url

from booking.country.core.reader_columns import READABLE
from booking.country.core.roles import MADE_BY_MIGRATIONS, WRITTEN_ONCE
from booking.operations.doctor.findings import Finding, Patient, fault, warning
from booking.operations.doctor.read_only import connection_of
from booking.platform.base.settings import Environment

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
