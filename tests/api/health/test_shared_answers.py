"""Slow pages and errors of all web processes together, which nobody can make up in the shared store."""

from datetime import timedelta

import pytest
import redis
from starlette.testclient import TestClient

from api.main import create_app

KEY = "{mawid}:answers"


@pytest.fixture
def processes(core):
    """Two web processes; the second one begins a minute later."""
    first = create_app(core)
    core.clock.advance(timedelta(minutes=1))
    return first, create_app(core)


def calls(app) -> int:
    return app.state.answers.read().answers.calls


def test_a_process_adds_up_what_the_others_left_until_they_end(core, processes):
    first, second = processes
    for app, times in ((first, 3), (second, 2)):
        for _ in range(times):
            TestClient(app).get("/livez")
    assert calls(second) == 2

    first.state.answers.leave()
    first.state.answers.leave()

    together = second.state.answers.read()
    assert (together.answers.calls, together.processes) == (5, 2)
    assert together.began == core.clock.now() - timedelta(minutes=1)

    core.clock.advance(timedelta(minutes=2))
    assert calls(second) == 2
    second.state.answers.leave()
    assert core.redis.zcard(KEY) == 1


def test_counts_cannot_be_planted_repeated_or_read_in_the_shared_store(core, processes):
    first, second = processes
    TestClient(first).get("/livez")
    first.state.answers.leave()
    (earlier,) = core.redis.zrange(KEY, 0, -1)
    TestClient(first).get("/livez")
    core.clock.advance(timedelta(seconds=20))
    first.state.answers.leave()
    core.redis.zadd(KEY, {earlier: 1e12, b'{"process": "x", "at": "2100-01-01", "counts": {}}': 1, b"x": 2})

    assert calls(second) == 2
    assert b"api." not in earlier


def test_without_the_shared_store_a_process_tells_of_itself(core, processes, monkeypatch):
    TestClient(processes[0]).get("/livez")

    def away(*_args):
        raise redis.ConnectionError

    monkeypatch.setattr(core.redis, "zrange", away)

    assert calls(processes[0]) == 1
