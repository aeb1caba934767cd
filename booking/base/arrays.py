"""Whole columns as PostgreSQL arrays: one parameter for thousands of rows."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.orm import DeclarativeBase, QueryableAttribute, Session
from sqlalchemy.types import TypeEngine

AT_ONCE: Final = 10_000
"""Rows of a statement, so that none lasts too long where there are a million."""
Answer = TypeVar("Answer")
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
    statement = _insert(model, tuple(rows[0]), tuple(same))
    for begin in range(0, len(rows), AT_ONCE):
        session.execute(statement, _columns(rows[begin : begin + AT_ONCE]) | same)


def insert_new(
    session: Session, model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]], told: QueryableAttribute[Answer]
) -> Sequence[Answer]:
    """Write the rows whose keys nobody has, by one statement; return a column of those that were written."""
    statement = _insert(model, tuple(rows[0]), ()).on_conflict_do_nothing().returning(told)
    return session.scalars(statement, _columns(rows)).all()


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: [row[name] for row in rows] for name in rows[0]}


@cache
def _insert(model: type[DeclarativeBase], names: tuple[str, ...], same: tuple[str, ...]) -> Insert:
    """Write the statement once for all rows with these columns: making it takes longer than sending it."""
    kinds = {column.key: column.type for column in model.__table__.columns}
    alike = [bindparam(name, type_=kinds[name]) for name in same]
    each = [_each(name, kinds[name]) for name in names]
    return insert(cast("Table", model.__table__)).from_select(
        [*names, *same], select(*each, *alike), include_defaults=False
    )


def _each(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Write a parameter out as rows; functions that do so beside each other go on in step.

    Values of JSON are sent as one value, a list: in an array each quotation mark of theirs is written once more.
    """
    if isinstance(kind, JSON):
        return func.jsonb_array_elements(bindparam(name, type_=JSONB))
    return func.unnest(bindparam(name, type_=ARRAY(kind, dimensions=1)))
