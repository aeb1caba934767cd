"""Logging: one JSON object a line, with the request's id and without personal data, in every process alike."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

from booking.platform.base import security_events
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


PERSONAL: Final = frozenset(
    {"name", "username", "password", "phone", "national_number", "birth_date", "code", "token", "cookie", "query"}
)
"""Keys whose values never reach a log."""

OURS: Final = ("alembic", "allocation", "api", "booking", "fraud", "mawid", "uvicorn")
"""Loggers whose sentences quote nobody; others' lose their texts, and whatever they quote or put in brackets."""

_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ .-]?\d){8,}")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\(.*\)|(?<==)(?!\d{1,3}\b)\S+")
HIDDEN: Final = "[hidden]"

_log = logging.getLogger("mawid.process")


def without_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide personal keys, and long numbers (phones, national numbers) inside any text, tracebacks too."""
    for key, value in event.items():
        if key in PERSONAL:
            event[key] = HIDDEN
        elif key not in {"request_id", "timestamp", "_record"}:
            event[key] = _without_numbers(value)
    return event


def _without_numbers(value: Any) -> Any:
    if isinstance(value, BaseException):
        return kind_of(value)
    if isinstance(value, str):
        return _LONG_NUMBER.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {name: HIDDEN if name in PERSONAL else _without_numbers(one) for name, one in value.items()}
    return [_without_numbers(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else value


def with_safe_traceback(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put a traceback without words in the place of an exception."""
    given = event.pop("exc_info", None)
    record = event.get("_record")
    if isinstance(given, tuple):
        given = given[1]
    elif given is True or given == 1:
        given = sys.exc_info()[1]
    if isinstance(given, BaseException):
        event["exception"] = without_words(given)
    elif record is not None and record.exc_text:
        event["exception"] = record.exc_text
    return event


class SafeRecord(logging.LogRecord):
    """A record that is without personal data from its making on: no handler of any library sees more."""

    def __init__(self, name: str, *rest: Any, **more: Any) -> None:
        super().__init__(name, *rest, **more)
        if isinstance(self.exc_info, tuple) and self.exc_info[1] is not None:  # libraries pass False, too
            self.exc_text = without_words(self.exc_info[1])
        self.exc_info = self.stack_info = None
        if not isinstance(self.msg, dict):  # what structlog made went through its processors
            self.msg, self.args = _sentence(self), ()


def _sentence(record: logging.LogRecord) -> str:
    ours = (record.name or "").partition(".")[0] in OURS
    if isinstance(record.args, Mapping):
        record.args = {name: _told(one, ours=ours) for name, one in record.args.items()}
    elif record.args:
        record.args = tuple(_told(one, ours=ours) for one in record.args)
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):
        text = str(record.msg)
    text = text.strip().partition("\n")[0]
    return _LONG_NUMBER.sub(HIDDEN, text if ours else _QUOTED.sub(HIDDEN, text))


def _told(value: object, *, ours: bool) -> object:
    if isinstance(value, BaseException):
        return kind_of(value)
    return value if ours or isinstance(value, int | float) else HIDDEN


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send everything, ours and the libraries', to ``stream`` as JSON lines; call it once, at start.

    Uvicorn's own access log is silenced: it would print query strings. `api.door.telemetry` logs each request instead.

    Parameters
    ----------
    stream
        None: the standard error of a process of our own, where warnings and what nobody caught are logged too.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        with_safe_traceback,
        without_personal_data,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.setLogRecordFactory(SafeRecord)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [], False
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line for each question to the register, with its address
    security_events.write_to(stream)
    if stream is None:
        _log_what_nobody_caught()


def _log_what_nobody_caught() -> None:
    """Keep Python itself from printing exceptions, warnings and mistakes in logging with their words."""
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda given: _log.critical("a thread ended", exc_info=given.exc_value)
    sys.unraisablehook = lambda given: _log.error("nobody could be told", exc_info=given.exc_value)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log.critical("the process ended", exc_info=error)
