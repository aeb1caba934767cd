"""Logging: one JSON object a line, with the request's id and without personal data, in every process alike."""

import logging
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

from booking.platform.base import security_events
from booking.platform.base.tracebacks import kind_of, without_words

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
