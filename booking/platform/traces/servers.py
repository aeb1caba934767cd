"""Spans of statements and of Valkey's commands: what they are, never with which values or keys."""

import re
from collections.abc import Callable
from typing import Any, Final

import redis
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from sqlalchemy import Engine, event

from booking.platform.traces.spans import Traces, fail

LONGEST: Final = 2000
"""Characters of a statement."""
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'|(?<![\w.$])\d+(?:\.\d+)?\b")
_SPACE: Final = re.compile(r"\s+")
_SPAN: Final = "_mawid_span"


def trace_statements(traces: Traces, engine: Engine) -> None:
    """Span each statement of what is recorded just now."""

    def begin(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
        if not trace.get_current_span().is_recording():
            return
        text = without_values(statement)
        about = {"db.system.name": "postgresql", "db.query.text": text}
        span = traces.tracer.start_span(text.partition(" ")[0].upper()[:20], kind=SpanKind.CLIENT, attributes=about)
        setattr(context, _SPAN, span)

    def end(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: Any) -> None:
        span = _taken(context)
        if span is not None:
            span.end()

    def end_badly(about: Any) -> None:
        span = _taken(about.execution_context)
        if span is not None:
            fail(span, type(about.original_exception).__name__)
            span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", end_badly, insert=True)  # before one that raises another error


def without_values(statement: str) -> str:
    """Return a statement in one line, with ``?`` for each text and number that stands in it."""
    return _LITERAL.sub("?", _SPACE.sub(" ", statement)).strip()[:LONGEST]


def _taken(context: Any) -> Span | None:
    found: Span | None = vars(context).pop(_SPAN, None) if context is not None else None
    return found


def trace_commands(traces: Traces, client: redis.Redis) -> None:
    """Span each command and pipeline of a client, by the command's word alone: keys name accounts."""
    execute: Callable[..., Any] = client.execute_command
    pipeline: Callable[..., Any] = client.pipeline

    def execute_traced(*words: Any, **options: Any) -> Any:
        name = str(words[0]).split(" ", 1)[0]
        with traces.part(name, {"db.system.name": "valkey", "db.operation.name": name}, server=True):
            return execute(*words, **options)

    def pipeline_traced(*words: Any, **options: Any) -> Any:
        made = pipeline(*words, **options)
        made.execute = _traced(traces, made.execute)
        return made

    client.execute_command = execute_traced  # type: ignore[method-assign] # of this client alone
    vars(client)["pipeline"] = pipeline_traced


def _traced(traces: Traces, execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_traced(*words: Any, **options: Any) -> Any:
        about = {"db.system.name": "valkey", "db.operation.name": "PIPELINE"}
        with traces.part("PIPELINE", about, server=True):
            return execute(*words, **options)

    return execute_traced
