"""Logging: one JSON object a line, with the request's id and without personal data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

PERSONAL: Final = frozenset(
    {"name", "username", "password", "phone", "national_number", "birth_date", "code", "token", "cookie", "query"}
)
"""Keys whose values never reach a log."""

_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ .-]?\d){8,}")
HIDDEN: Final = "[hidden]"


def without_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide personal keys, and long numbers (phones, national numbers) inside any text, tracebacks too."""
    for key, value in event.items():
        if key in PERSONAL:
            event[key] = HIDDEN
        elif isinstance(value, str) and key not in {"request_id", "timestamp"}:
            event[key] = _LONG_NUMBER.sub(HIDDEN, value)
    return event


def configure(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send everything, ours and the libraries', to ``stream`` as JSON lines; call it once, at start.

    Uvicorn's own access log is silenced: it would print query strings. `api.telemetry` logs each request instead.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_personal_data,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [], False
