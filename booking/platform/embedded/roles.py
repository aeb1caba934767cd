"""The private database's roles: one owns it and migrates, one works, one reads; made where they are missing.

Who enters the socket's folder may be any of them: they stand between the database and what somebody slips into a
statement, not between the database and the user whom its files belong to.
"""

import contextlib
from typing import Final

import psycopg
from psycopg import sql

OWNER: Final = "mawid_owner"
APP: Final = "mawid_app"
READER: Final = "mawid_reader"

_OF_ANOTHER: Final = """
    SELECT format('ALTER %s %s OWNER TO {owner}', one.kind, one.name) FROM (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind,
               CAST(CAST(c.oid AS regclass) AS text) AS name, c.oid, c.relowner AS owner
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))
        UNION ALL SELECT 'ROUTINE', CAST(CAST(p.oid AS regprocedure) AS text), p.oid, p.proowner
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'TYPE', CAST(CAST(t.oid AS regtype) AS text), t.oid, t.typowner
        FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND (t.typtype IN ('e', 'd')
            OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
        UNION ALL SELECT 'SCHEMA', 'public', n.oid, n.nspowner FROM pg_namespace n WHERE n.nspname = 'public'
            AND CAST(CAST(n.nspowner AS regrole) AS text) <> 'pg_database_owner'
    ) one
    WHERE CAST(CAST(one.owner AS regrole) AS text) <> '{owner}'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = one.oid AND d.deptype = 'e')
""".replace("{owner}", OWNER)
"""Statements that give away what a version from before there were roles made; what belongs to an extension stays."""


def make_roles(connection: psycopg.Connection) -> None:
    """Make the roles, and give the database and all in it to the one that owns; the connection is a superuser's."""
    for role in (OWNER, APP, READER):
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    name = connection.info.dbname
    owned = "SELECT FROM pg_database WHERE datname = %s AND CAST(CAST(datdba AS regrole) AS text) = %s"
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('mawid roles'))")  # two starts at once
        if connection.execute(owned, [name, OWNER]).fetchone() is None:
            to = sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            connection.execute(to)
        for (statement,) in connection.execute(_OF_ANOTHER.encode()).fetchall():
            connection.execute(statement.encode())
