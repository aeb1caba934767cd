"""A trace of a call names its route, and neither its address nor whoever called."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.main import create_app
from booking.platform.traces.open import traces_to


@pytest.fixture
def kept():
    """The spans of a test."""
    return InMemorySpanExporter()


@pytest.fixture
def traced(core, kept):
    """The site of a core of which everything is traced."""
    return TestClient(create_app(replace(core, traces=traces_to(SimpleSpanProcessor(kept)))))


def test_a_call_is_named_after_its_route(traced, kept):
    answer = traced.get(
        "/api/v1/requests/PSS-SECRET?phone=0933123456",
        headers={"user-agent": "a-browser-of-rana", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )

    [span] = kept.get_finished_spans()
    assert span.name == "GET /api/v1/requests/{reference}"
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/v1/requests/{reference}",
        "http.response.status_code": answer.status_code,
        "mawid.request_id": answer.headers["x-request-id"],
    }
    assert span.parent is None
    assert f"{span.context.trace_id:x}" != "a" * 32
    assert not [word for word in ("SECRET", "0933123456", "rana", "testclient") if word in span.to_json()]


def test_a_call_to_nowhere_and_a_made_up_method_name_nothing_of_their_own(traced, kept):
    traced.request("RANA", "/of-rana")

    [span] = kept.get_finished_spans()
    assert span.name == "other none"
    assert "rana" not in span.to_json().lower()


def test_probes_are_not_traced(traced, kept):
    for path in ("/livez", "/readyz", "/metrics"):
        traced.get(path)

    assert kept.get_finished_spans() == ()


def test_a_site_without_a_collector_has_nothing_of_it(client, traced):
    assert "Tracing" not in [one.cls.__name__ for one in client.app.user_middleware]
    assert traced.app.user_middleware[0].cls.__name__ == "Tracing"
