"""Spans: what is begun and ended around work. Nothing that a person typed, and no address, is ever written on one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final, TypeAlias

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

Attributes: TypeAlias = Mapping[str, str | int]
ERROR: Final = "error.type"
"""The attribute with the class of what was raised; its words may quote what somebody sent."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What begins spans, and ends with the process: what was not sent yet is sent then."""

    tracer: Tracer
    close: Callable[[], None]

    def call(self, method: str) -> AbstractContextManager[Span]:
        """Begin the trace of a call over HTTP, whatever its caller says that it belongs to."""
        return self._span(method, SpanKind.SERVER, {"http.request.method": method}, context=Context())

    def job(self, name: str) -> AbstractContextManager[Span]:
        """Begin the trace of a job."""
        return self._span(f"job {name}", SpanKind.CONSUMER, {"mawid.job": name}, context=Context())

    def part(self, name: str, attributes: Attributes, *, server: bool = False) -> AbstractContextManager[Span]:
        """Span a part of what is recorded just now; nothing where nothing is. ``server``: another one does it."""
        here = trace.get_current_span()
        if not here.is_recording():
            return nullcontext(here)
        return self._span(name, SpanKind.CLIENT if server else SpanKind.INTERNAL, attributes)

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, attributes: Attributes, context: Context | None = None
    ) -> Iterator[Span]:
        with self.tracer.start_as_current_span(
            name,
            context=context,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                fail(span, type(error).__name__)
                raise


def fail(span: Span, why: str) -> None:
    """Mark a span as failed, with a class or a status and no words."""
    span.set_status(StatusCode.ERROR)
    span.set_attribute(ERROR, why)
