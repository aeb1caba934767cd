"""Open what sends traces, where the settings name a collector."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from booking.platform.base.settings import Settings, SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from booking.platform.traces.spans import Traces

SERVICE: Final = "mawid"
SEND_WITHIN: Final = 5
"""Seconds for a batch, which is sent beside all work; a collector that is away costs the traces and nothing else."""


def open_traces(settings: Settings) -> "Traces | None":
    """Return what begins spans; None where no collector is named, and then nothing of it is imported.

    Raises
    ------
    SettingsError
        A collector is named, and OpenTelemetry is not installed.
    """
    if settings.traces_url is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError("MAWID_TRACES_URL needs OpenTelemetry: pip install 'mawid[traces]'") from None
    token = settings.traces_token
    exporter = OTLPSpanExporter(
        endpoint=settings.traces_url,
        headers={} if token is None else {"authorization": f"Bearer {token.get_secret_value()}"},
        timeout=SEND_WITHIN,
    )
    return traces_to(BatchSpanProcessor(exporter), share=settings.traces_share)


def traces_to(processor: "SpanProcessor", *, share: float = 1.0) -> "Traces":
    """Return what sends ``share`` of all calls and jobs, chosen by chance, each whole or not at all, to a processor."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415 - an extra

    from booking.platform.traces.spans import Traces  # noqa: PLC0415 - needs it

    about = Resource({"service.name": SERVICE, "service.version": version("mawid")})
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(share)), resource=about, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return Traces(provider.get_tracer(SERVICE), provider.shutdown)
