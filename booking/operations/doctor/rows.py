"""Invariants of the data: places balance, no life contradicts another, and no row names one that is not there."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from sqlalchemy import CheckConstraint

from booking.country.places.balance import count_oversold, count_unbalanced
from booking.operations.doctor.findings import Finding, Patient, connection_of, core_of, fault
from booking.platform.base.arrays import table_of
from booking.platform.models import Draw, SwapEntry, SwapNight, SwapWish
from booking.platform.models.base import HELD_BY_TRIGGERS, REAL_TIMES, Base

_WRITE_DOWN: Final = "stop Mawid, keep a copy of the database, and find out who or what wrote past it; docs/runbook.md"
_WITH_TIMES: Final = {
    "nights of the exchange": SwapNight,
    "wishes of the exchange": SwapWish,
    "parts in nights of the exchange": SwapEntry,
    "draws": Draw,
}


def _unreadable(model: type[Base]) -> str:
    """Return the statement that counts rows which the model's own check of times would refuse."""
    of_times = (one for one in table_of(model).constraints if REAL_TIMES in one.info)
    [check] = (one for one in of_times if isinstance(one, CheckConstraint))
    return f"SELECT count(*) FROM {model.__tablename__} WHERE NOT ({check.sqltext})"  # noqa: S608 - of constants


_LIVES: Final = {
    "appointments that are live, of requests that are over": """
        SELECT count(*) FROM appointment a JOIN request r ON r.id = a.request_id
        WHERE a.state IN ('offered', 'confirmed', 'checked_in') AND r.state IN ('refused', 'withdrawn', 'lapsed')
    """,
    "requests with two live appointments": """
        SELECT count(*) FROM (SELECT FROM appointment WHERE state IN ('offered', 'confirmed', 'checked_in')
        GROUP BY request_id HAVING count(*) > 1) twice
    """,
    "live appointments without a place": """
        SELECT count(*) FROM appointment a WHERE state IN ('offered', 'confirmed', 'checked_in')
        AND NOT EXISTS (SELECT FROM appointment_places p WHERE p.appointment_id = a.id)
    """,
    **{f"{words} with a time that cannot be read": _unreadable(model) for words, model in _WITH_TIMES.items()},
    "requests of nobody": """
        SELECT count(*) FROM request r WHERE r.state NOT IN ('refused', 'withdrawn', 'lapsed', 'completed')
        AND NOT EXISTS (SELECT FROM request_member m WHERE m.request_id = r.id)
    """,
}
_KEYS: Final = """
    SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
           ARRAY(SELECT quote_ident(attname) FROM unnest(c.conkey) WITH ORDINALITY k(n, o)
                 JOIN pg_attribute ON attrelid = c.conrelid AND attnum = k.n ORDER BY k.o),
           ARRAY(SELECT quote_ident(attname) FROM unnest(c.confkey) WITH ORDINALITY k(n, o)
                 JOIN pg_attribute ON attrelid = c.confrelid AND attnum = k.n ORDER BY k.o)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND t.relname NOT LIKE 'procrastinate%%'
    ORDER BY 2, 1
"""

_Reference: TypeAlias = tuple[str, str, str, Sequence[str], Sequence[str]]
"""Its name, the table that has it, the one that it names, and the columns of both."""


def look_at_places(patient: Patient) -> Iterator[Finding]:
    """Find places that were given twice, and pools that count other places than appointments and tickets hold."""
    with core_of(patient).sessions() as session:
        oversold, unbalanced = count_oversold(session), count_unbalanced(session)
    if oversold:
        yield fault(f"{oversold} pools of slots are oversold: more places are taken than there are", _WRITE_DOWN)
    if unbalanced:
        yield fault(
            f"{unbalanced} pools of slots count other places as taken than appointments and tickets hold", _WRITE_DOWN
        )


def look_at_lives(patient: Patient) -> Iterator[Finding]:
    """Find lives of requests and appointments that contradict each other."""
    with connection_of(patient.servers.database_url) as connection:
        for words, query in _LIVES.items():
            (count,) = connection.execute(query.encode()).fetchone() or (0,)
            if count:
                yield fault(f"{count} {words}", _WRITE_DOWN)


def look_at_orphans(patient: Patient) -> Iterator[Finding]:
    """Find rows that name a row which is not there: by each reference, as if it had never been checked."""
    with connection_of(patient.servers.database_url) as connection:
        for name, table, target, columns, keys in (
            *connection.execute(_KEYS.encode()).fetchall(),
            *_held_by_triggers(),
        ):
            named = " AND ".join(f"c.{column} IS NOT NULL" for column in columns)
            same = " AND ".join(f"c.{column} = p.{key}" for column, key in zip(columns, keys, strict=True))
            query = f"SELECT count(*) FROM {table} c WHERE {named} AND NOT EXISTS (SELECT FROM {target} p WHERE {same})"  # noqa: S608 - names of the catalogue, quoted by it
            (count,) = connection.execute(query.encode()).fetchone() or (0,)
            if count:
                yield fault(
                    f"{count} rows of {table} name a row of {target} that is not there ({name})",
                    "restore the last backup in which `mawid verify` finds none",
                )


def _held_by_triggers() -> Iterator[_Reference]:
    """Yield the references that no foreign key holds, which the catalogue does not know."""
    for table in Base.metadata.sorted_tables:
        for one in table.foreign_key_constraints:
            if HELD_BY_TRIGGERS in one.info:
                names = [element.column.name for element in one.elements]
                yield str(one.name), table.name, one.referred_table.name, one.column_keys, names
