"""Whole columns as PostgreSQL arrays: one parameter for thousands of rows.

Arrays as PostgreSQL reads them, written a column at a time.

The driver finds out for each value how it is written and whether it needs quotation marks; a column has one type, which
says both for all of its values, at a tenth of the time.
"""

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, dialect, insert
from sqlalchemy.orm import DeclarativeBase, QueryableAttribute, Session
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

Writer = Callable[[Any], str]
_DIALECT: Final = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy left it out


def array_of(kind: TypeEngine[Any]) -> Callable[[Sequence[Any]], str]:
    """Return what writes a column of this type; None is NULL.

    Raises
    ------
    TypeError
        Columns of this type are not written here.
    """
    process, written = None, kind
    if isinstance(kind, TypeDecorator):
        process, written = kind.process_bind_param, kind.impl_instance
    write = next((one for known, one in _WRITERS.items() if isinstance(written, known)), None)
    if write is None:
        raise TypeError(f"no array of {kind!r} is written here")

    def array(values: Sequence[Any]) -> str:
        if process is not None:
            values = [process(one, _DIALECT) for one in values]
        return "{" + ",".join(["NULL" if one is None else write(one) for one in values]) + "}"

    return array


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bytes(value: bytes) -> str:
    return f'"\\\\x{value.hex()}"'


_WRITERS: Final[Mapping[type[TypeEngine[Any]], Writer]] = {
    Uuid: str,
    String: _text,
    LargeBinary: _bytes,
    Boolean: str,
    Integer: str,
    Float: lambda value: repr(float(value)),
    DateTime: lambda value: value.isoformat(),
    Date: lambda value: value.isoformat(),
}


AT_ONCE: Final = 10_000
"""Rows of a statement, so that none lasts too long where there are a million."""
Answer = TypeVar("Answer")
Kind = type[BigInteger] | type[String] | type[Uuid[Any]]


def any_of(values: Iterable[object], kind: Kind) -> Any:
    """Write ``= ANY(values)`` with a single parameter; ``IN`` needs one for each and ends at 65,535."""
    array: BindParameter[Any] = literal(list(values), ARRAY(kind))
    return any_(array)


def any_named(name: str, kind: Kind | type[LargeBinary]) -> Any:
    """Write ``= ANY(:name)`` in a statement that is put together once: that takes as long as sending it."""
    return any_(bindparam(name, type_=ARRAY(kind)))


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
        session.execute(statement, _columns(model, rows[begin : begin + AT_ONCE]) | same)


class Rows(NamedTuple):
    """Rows of a table, as `insert_rows` takes them."""

    model: type[DeclarativeBase]
    rows: Sequence[Mapping[str, Any]]


def insert_together(session: Session, tables: Sequence[Rows]) -> None:
    """Write rows of several tables by one statement, for not many rows; a table without any is left out.

    References among them are checked when all are written; the tables are written in no certain order.
    """
    written = [one for one in tables if one.rows]
    if not written:
        return
    statement = _insert_together(tuple((model, tuple(rows[0])) for model, rows in written))
    session.execute(statement, {_of(model, n): v for model, rows in written for n, v in _columns(model, rows).items()})


def insert_new(
    session: Session, model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]], told: QueryableAttribute[Answer]
) -> Sequence[Answer]:
    """Write the rows whose keys nobody has, by one statement; return a column of those that were written."""
    return session.scalars(_insert_new(model, tuple(rows[0]), told), _columns(model, rows)).all()


def _columns(model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: _writer(model, name)([row[name] for row in rows]) for name in rows[0]}


@cache
def _writer(model: type[DeclarativeBase], name: str) -> Callable[[list[Any]], Any]:
    kind = table_of(model).c[name].type
    return list if isinstance(kind, JSON) else array_of(kind)


@cache
def _insert(model: type[DeclarativeBase], names: tuple[str, ...], same: tuple[str, ...]) -> Insert:
    """Write the statement once for all rows with these columns: making it takes longer than sending it."""
    kinds = table_of(model).c
    alike = [bindparam(name, type_=kinds[name].type) for name in same]
    each = [_each(name, kinds[name].type) for name in names]
    return insert(table_of(model)).from_select([*names, *same], select(*each, *alike), include_defaults=False)


@cache
def _insert_together(tables: tuple[tuple[type[DeclarativeBase], tuple[str, ...]], ...]) -> Insert:
    *others, last = [
        insert(table_of(model)).from_select(
            names, select(*(_each(_of(model, n), table_of(model).c[n].type) for n in names)), include_defaults=False
        )
        for model, names in tables
    ]
    return last.add_cte(*(one.cte(f"written_{number}") for number, one in enumerate(others)))


def _of(model: type[DeclarativeBase], name: str) -> str:
    """Name the parameter of a column in a statement that writes several tables."""
    return f"{model.__tablename__}_{name}"


@cache
def _insert_new(
    model: type[DeclarativeBase], names: tuple[str, ...], told: QueryableAttribute[Answer]
) -> ReturningInsert[tuple[Answer]]:
    return _insert(model, names, ()).on_conflict_do_nothing().returning(told)


def _each(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Write a parameter out as rows; functions that do so beside each other go on in step.

    Values of JSON are sent as one value, a list: in an array each quotation mark of theirs is written once more.
    """
    if isinstance(kind, JSON):
        return func.jsonb_array_elements(bindparam(name, type_=JSONB))
    return func.unnest(cast(bindparam(name, type_=String), ARRAY(kind, dimensions=1)))


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table of a model, for a statement that needs nothing of the model's own: it is sent for less."""
    return typing.cast("Table", model.__table__)
