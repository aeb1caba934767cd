"""Traces of jobs, statements and Valkey's commands: what took how long, and nothing of anybody."""

import dataclasses

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr, ValidationError
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError

from booking.jobs import PERIODIC, make_app
from booking.opening import open_core
from booking.platform.base.db import read_all
from booking.platform.base.settings import SettingsError
from booking.platform.traces import open as opening
from booking.platform.traces.open import open_traces, traces_to
from booking.platform.traces.servers import without_values
from tests.support.country import cheap_settings


@pytest.fixture
def kept():
    """The spans of a test."""
    return InMemorySpanExporter()


@pytest.fixture
def traced(country_url, redis_url, clock, kept, monkeypatch):
    """A country of which everything is traced."""
    monkeypatch.setattr("booking.opening.open_traces", lambda _: traces_to(SimpleSpanProcessor(kept)))
    with open_core(cheap_settings(), database_url=country_url, redis_url=redis_url, clock=clock) as core:
        kept.clear()
        yield core


def names(kept):
    return [span.name for span in kept.get_finished_spans()]


def test_statements_and_commands_are_parts_of_what_is_under_way(traced, kept):
    with traced.traces.job("one"), traced.sessions.begin() as session:
        session.execute(text("SELECT :name"), {"name": "رنا خالد"})
        traced.redis.set("{mawid}:account-of-rana", "0933123456")
        pipeline = traced.redis.pipeline()
        pipeline.get("{mawid}:account-of-rana")
        pipeline.delete("{mawid}:account-of-rana")
        pipeline.execute()
        read_all(session, select(literal("رنا خالد")), 1)

    *parts, whole = kept.get_finished_spans()
    assert [one.name for one in parts] == ["SELECT", "SET", "PIPELINE", "SET", "SELECT"]
    assert whole.name == "job one"
    assert {one.parent.span_id for one in parts} == {whole.context.span_id}
    written = " ".join(span.to_json() for span in kept.get_finished_spans())
    assert not [word for word in ("رنا", "rana", "0933123456") if word in written]


def test_what_nobody_traces_costs_no_span(traced, kept):
    with traced.sessions() as session:
        session.execute(text("SELECT 1"))
    traced.redis.ping()

    assert names(kept) == []


def test_a_statement_that_fails_is_marked_with_its_class_and_no_word(traced, kept):
    with pytest.raises(DBAPIError), traced.traces.job("one"), traced.sessions.begin() as session:
        session.execute(text("SELECT CAST(:name AS integer)"), {"name": "رنا خالد"})

    statement, whole = kept.get_finished_spans()
    assert statement.attributes["error.type"] == "InvalidTextRepresentation"
    assert whole.attributes["error.type"] == "DataError"
    assert not any(span.events or span.status.description for span in (statement, whole))


def test_each_job_is_a_trace_and_each_of_its_steps_a_part(traced, kept):
    make_app(traced).tasks["expire"](timestamp=0)

    spans = {span.name: span for span in kept.get_finished_spans()}
    job = spans["job expire"]
    steps = [spans[step.__name__] for step in PERIODIC["expire"]]
    assert {step.parent.span_id for step in steps} == {job.context.span_id}
    assert job.parent is None
    own = {step.context.span_id for step in steps}
    assert {one.name for one in kept.get_finished_spans() if one.parent and one.parent.span_id in own} >= {"SELECT"}


def test_a_share_is_chosen_by_whole_traces(country, kept):
    traces = traces_to(SimpleSpanProcessor(kept), share=0.5)
    for _ in range(200):
        with traces.job("one"), traces.part("step", {}):
            pass

    found = names(kept)
    assert found.count("step") == found.count("job one")
    assert 50 < found.count("step") < 150


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SELECT a\n  FROM b WHERE c = %(c_1)s", "SELECT a FROM b WHERE c = %(c_1)s"),
        ("SELECT 'it''s rana', 0933123456, x2 FROM t WHERE a = $1", "SELECT ?, ?, x2 FROM t WHERE a = $1"),
        ("x" * 3000, "x" * 2000),
    ],
)
def test_a_statement_is_written_without_texts_and_numbers(statement, kept):
    assert without_values(statement) == kept


def test_traces_are_off_unless_a_collector_is_named(country):
    assert open_traces(cheap_settings()) is None
    assert country.traces is None


@pytest.mark.parametrize(
    ("url", "taken"), [("https://a.example/", True), ("http://[::1]:1/", True), ("http://a/", False)]
)
def test_the_token_of_a_collector_is_shown_to_nobody_on_the_way(url, taken):
    named = {"traces_url": url, "traces_token": SecretStr("a token")}
    if taken:
        assert cheap_settings(**named).traces_url == url
        return
    with pytest.raises(ValidationError, match="where MAWID_TRACES_TOKEN is shown"):
        cheap_settings(**named)


def test_a_collector_needs_the_library(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace.export", None)

    with pytest.raises(SettingsError, match=r"pip install 'mawid\[traces\]'"):
        opening.open_traces(cheap_settings(traces_url="http://127.0.0.1:9/v1/traces"))


def test_a_collector_that_is_away_costs_the_traces_alone(country):
    traces = open_traces(cheap_settings(traces_url="http://127.0.0.1:9/v1/traces", traces_share=1))

    with dataclasses.replace(country, traces=traces).traces.job("one"):
        pass
    traces.close()
