"""Whole columns as PostgreSQL arrays: one parameter for thousands of rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, BindParameter, String, Uuid, any_, column, func, insert, literal, select
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
    kinds = {column.key: column.type for column in model.__table__.columns}
    alike = [literal(value, kinds[name]) for name, value in same.items()]
    for begin in range(0, len(rows), AT_ONCE):
        some, names = rows[begin : begin + AT_ONCE], list(rows[0])
        arrays = [literal([row[name] for row in some], ARRAY(kinds[name])) for name in names]
        each = func.unnest(*arrays).table_valued(*(column(name, kinds[name]) for name in names)).render_derived()
        wanted = select(*each.columns, *alike)
        session.execute(insert(model).from_select([*names, *same], wanted, include_defaults=False))
