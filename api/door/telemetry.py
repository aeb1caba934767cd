"""One log line and one count for each request: handler, status, time; never an address, a query or a person.

Who is refused because too many come has no line, which costs a quarter of the refusal: the door counts them.
"""

import random
import time
from functools import cache
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door.refused_staff import report_refusal
from api.errors import OverloadedError

_log = structlog.get_logger("mawid.requests")

_ID_BITS: Final = 64
_CHANCE: Final = random.Random()  # noqa: S311 - the id names a line of the log, and opens nothing
QUIET: Final = frozenset({"/livez", "/readyz", "/readyz/worker", "/metrics"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Telemetry:
    """Gives each request an id, logs it and counts it by the function that answers it."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self._app = app
        requests = Counter(
            "mawid_http_requests", "Requests answered.", ("method", "handler", "status"), registry=registry
        )
        seconds = Histogram(
            "mawid_http_seconds", "Seconds to answer.", ("handler",), buckets=_BUCKETS, registry=registry
        )
        self._counter, self._seconds = cache(requests.labels), cache(seconds.labels)  # few of each are ever looked up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = f"{_CHANCE.getrandbits(_ID_BITS):016x}"
        scope.setdefault("state", {})["request_id"] = identifier
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=identifier)
        began, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            took = time.perf_counter() - began
            handler = _handler(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._counter(method, handler, status).inc()
            self._seconds(handler).observe(took)
            report_refusal(scope)
            if scope["path"] not in QUIET and not isinstance(scope["state"].get("refused"), OverloadedError):
                _log.info("request", method=method, handler=handler, status=status, ms=round(took * 1000, 1))


def _handler(scope: Scope) -> str:
    """Return the name of the function that answered: few values, whatever addresses visitors make up."""
    endpoint = getattr(scope.get("route"), "endpoint", None)
    return f"{endpoint.__module__}.{endpoint.__name__}" if endpoint else "none"


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
