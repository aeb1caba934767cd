"""Whole columns as PostgreSQL arrays: one parameter for thousands of rows."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Insert,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Session

AT_ONCE: Final = 10_000
"""Rows of a statement, so that none lasts too long where there are a million."""
Kind = type[BigInteger] | type[String] | type[Uuid[Any]]


def any_of(values: Iterable[object], kind: Kind) -> Any:
    """Write ``= ANY(values)`` with a single parameter; ``IN`` needs one for each and ends at 65,535."""
    array: BindParameter[Any] = literal(list(values), ARRAY(kind))
    return any_(array)


def insert_rows(session: Session, model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]], **same: Any) -> None:
    """Write rows by few statements, a parameter a column; without rows nothing is done.

    Row by row, the driver takes as long for each as for a statement, and SQLAlchemy makes a statement of its own out of
    each run of rows that lack the same values.

    Parameters
    ----------
    rows
        Values by column, the same columns in all. What is not named has the default of the database, never the model's.
    same
        The columns that have one value in all rows.
    """
    if not rows:
        return
    names = tuple(rows[0])
    statement = _insert(model, names, tuple(same))
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        session.execute(statement, {name: [row[name] for row in some] for name in names} | same)


@cache
def _insert(model: type[DeclarativeBase], names: tuple[str, ...], same: tuple[str, ...]) -> Insert:
    """Write the statement once for all rows with these columns: making it takes longer than sending it."""
    kinds = {column.key: column.type for column in model.__table__.columns}
    arrays = [bindparam(name, type_=ARRAY(kinds[name], dimensions=1)) for name in names]
    alike = [bindparam(name, type_=kinds[name]) for name in same]
    each = func.unnest(*arrays).table_valued(*(column(name, kinds[name]) for name in names)).render_derived()
    return insert(cast("Table", model.__table__)).from_select(
        [*names, *same], select(*each.columns, *alike), include_defaults=False
    )
