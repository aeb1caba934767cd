"""What the database is: its schema whole and of this version, its secret ours, its country ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint, select

import booking.country.core
from booking.country.core.contracts import list_left
from booking.country.core.schema import SchemaError, read_schema
from booking.operations.doctor.findings import Finding, Patient, core_of, fault, warning
from booking.operations.doctor.read_only import connection_of
from booking.platform.base.settings import SettingsError, secrets_known
from booking.platform.base.vault import Secret
from booking.platform.models import Base, Office

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
