"""A trace of each call, named after its route: no address, no query, nobody's browser, and no word of an error."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door.telemetry import METHODS, QUIET
from api.incoming.route_table import route_template
from booking.platform.traces.spans import Traces, fail

FAILED: Final = 500


class Tracing:
    """Begins a trace for each call over HTTP; what a caller says that it belongs to is not believed."""

    def __init__(self, app: ASGIApp, *, traces: Traces) -> None:
        self._app, self._traces = app, traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one call."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "other"
        with self._traces.call(method) as span:

            async def send_noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= FAILED:
                        fail(span, str(message["status"]))
                await send(message)

            try:
                await self._app(scope, receive, send_noted)
            finally:
                if span.is_recording():
                    template = route_template(scope)
                    span.update_name(f"{method} {template}")
                    span.set_attribute("http.route", template)
                    span.set_attribute("mawid.request_id", scope.get("state", {}).get("request_id", ""))
