"""Exceptions as logs may hold them: what kind, where, and never the words, which quote what people typed."""

import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Final

from booking.platform.base.errors import MawidError
from booking.platform.base.server_error import ServerError

if TYPE_CHECKING:
    import psycopg

ABOUT_SERVERS: Final = ("08", "25", "3D", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE whose message is about connections, locks and resources, and quotes no row."""
MOST_LINKS: Final = 8
LIBRARIES: Final = frozenset({"psycopg", "pydantic_core", "redis", "sqlalchemy"})
"""Of whose exceptions something can be said."""


def without_words(error: BaseException) -> str:
    """Return the traceback of an exception and of those that led to it, without their messages."""
    parts: list[str] = []
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen and len(parts) < MOST_LINKS:
        seen.add(id(link))
        parts.append(_one(link))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n\nled to\n\n".join(reversed(parts))


def kind_of(error: BaseException) -> str:
    """Return the class of an exception, with what of it can name nobody."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    known = _known(error)
    return f"{name}: {known}" if known else name


def _one(error: BaseException) -> str:
    text = _frames(error.__traceback__) + kind_of(error)
    if isinstance(error, BaseExceptionGroup):
        text += "".join(f"\n\nof which\n\n{without_words(one)}" for one in error.exceptions[:MOST_LINKS])
    return text


def _frames(trace: TracebackType | None) -> str:
    return "".join(f"{one.filename}:{one.lineno} {one.name}\n" for one in traceback.extract_tb(trace))


def _known(error: BaseException) -> str:
    match error:
        case MawidError():
            return error.code
        case ServerError():
            return str(error)
        case _:
            known = _of_libraries(error)
    return (error.strerror or "") if known is None and isinstance(error, OSError) else known or ""


def _of_libraries(error: BaseException) -> str | None:
    """Return what is known of an exception of a library; None for any other.

    What watches over processes logs, too, and needs none of these libraries: they are loaded where the exception is
    one of theirs, and so are there already.
    """
    if LIBRARIES.isdisjoint(each.__module__.partition(".")[0] for each in type(error).__mro__):
        return None

    import psycopg  # noqa: PLC0415 - see above
    import redis  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    match error:
        case ValidationError():
            found = error.errors(include_url=False, include_context=False, include_input=False)
            return f"{error.title} {', '.join(sorted({one['type'] for one in found}))}"
        case DBAPIError(orig=psycopg.Error() as cause):
            return _of_database(cause)
        case psycopg.Error():
            return _of_database(error)
        case redis.ConnectionError() | redis.TimeoutError():
            return str(error)
        case _:
            return None


def _of_database(error: "psycopg.Error") -> str:
    """Return what is known; DETAIL quotes keys and whole rows, and other messages quote values."""
    from psycopg import OperationalError  # noqa: PLC0415 - it is one of its exceptions

    if error.sqlstate is None:
        return str(error) if isinstance(error, OperationalError) else ""
    about = error.diag.message_primary if error.sqlstate.startswith(ABOUT_SERVERS) else None
    found = (error.sqlstate, about, error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
    return " ".join(part for part in found if part)
