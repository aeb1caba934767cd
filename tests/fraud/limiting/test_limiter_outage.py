"""When the server is gone: slower limits, marked and counted, and back to normal by itself."""

import os
import signal
import threading
from datetime import timedelta

import pytest

from booking.platform.embedded import EmbeddedValkey
from fraud.limiting import redis_client
from fraud.limiting.breaker import FAILURES_TO_OPEN, REST_SECONDS
from fraud.limiting.limiter import Limit, Limiter, make_client
from fraud.limiting.redis_script import Script
from tests.support.waiting import ended

pytestmark = pytest.mark.slow

POLICY = {"ask": (Limit("person", timedelta(hours=1), 8), Limit("network", timedelta(hours=1), 1_000))}


def test_without_a_server_each_worker_judges_at_its_share_and_says_so(cut_off_limiter):
    gate = cut_off_limiter(("person", 8), workers=4)

    decisions = [gate.attempt("ask", {"person": "amal"}) for _ in range(3)]

    assert [decision.allowed for decision in decisions] == [True, True, False]
    assert all(decision.degraded for decision in decisions)
    assert decisions[2].retry_after_seconds == 1800
    assert gate.counts()["degraded"] == 3


def test_without_a_server_a_rare_thing_is_still_possible(cut_off_limiter):
    gate = cut_off_limiter(("person", 2), workers=8)

    assert gate.attempt("ask", {"person": "amal"}).allowed
    assert not gate.attempt("ask", {"person": "amal"}).allowed


def test_after_some_failures_the_server_is_left_alone(cut_off_limiter, clock):
    gate = cut_off_limiter(("person", 100))

    for _ in range(50):
        gate.attempt("ask", {"person": "amal"})

    assert gate.counts()["failures"] == FAILURES_TO_OPEN
    clock.seconds += REST_SECONDS
    for _ in range(50):
        gate.attempt("ask", {"person": "amal"})
    assert gate.counts()["failures"] == FAILURES_TO_OPEN + 1


def test_local_limits_are_regained_with_time(cut_off_limiter, clock):
    gate = cut_off_limiter(("person", 2))
    for _ in range(2):
        gate.attempt("ask", {"person": "amal"})
    refused = gate.attempt("ask", {"person": "amal"})

    clock.seconds += refused.retry_after_seconds

    assert not refused.allowed
    assert gate.attempt("ask", {"person": "amal"}).allowed


def test_a_killed_server_degrades_and_its_successor_heals(tmp_path, clock):
    server = EmbeddedValkey(tmp_path, durable=False).start()
    try:
        gate = Limiter(make_client(server.url), b"k" * 32, POLICY, monotonic=clock)
        before = _until(lambda: gate.attempt("ask", {"person": "before"}), lambda one: not one.degraded, clock)
        server.stop()
        during = [gate.attempt("ask", {"person": "during"}) for _ in range(5)]
        server.start()
        after = _until(lambda: gate.attempt("ask", {"person": "after"}), lambda one: not one.degraded, clock)
    finally:
        server.stop()

    assert before.allowed
    assert all(decision.allowed and decision.degraded for decision in during)
    assert after.allowed


@pytest.mark.usefixtures("hurried")
def test_a_server_that_hangs_costs_three_short_waits_and_no_more(tmp_path, clock):
    with EmbeddedValkey(tmp_path, durable=False) as server:
        gate = Limiter(make_client(server.url), b"k" * 32, POLICY, monotonic=clock)
        gate.attempt("ask", {"person": "before"})
        process = server.process_id
        assert process is not None
        os.kill(process, signal.SIGSTOP)
        try:
            decisions = [gate.attempt("ask", {"person": f"person {number}"}) for number in range(200)]
            waits = gate.counts()["failures"]
        finally:
            os.kill(process, signal.SIGCONT)
        healed = _until(lambda: gate.attempt("ask", {"person": "after"}), lambda one: not one.degraded, clock)

    assert all(decision.degraded for decision in decisions)
    assert waits == FAILURES_TO_OPEN  # then it asked the server no more
    assert healed.allowed


def test_under_load_a_server_may_hang_die_and_come_back_and_no_budget_is_exceeded(tmp_path, monkeypatch):
    """Eight threads never stop asking while the server is stopped, continued, killed and restarted by its keeper."""
    monkeypatch.setattr(redis_client, "TIMEOUT_SECONDS", 1.0)
    shared, workers = 60, 6
    policy = {"ask": (Limit("person", timedelta(days=90), shared), Limit("network", timedelta(hours=1), 1_000_000))}
    decisions, over = [], threading.Event()
    with EmbeddedValkey(tmp_path) as server:  # durable: what it admitted is still counted after a kill
        # While a slow disk syncs, a server that syncs every second answers up to two seconds before it writes.
        make_client(server.url).config_set("appendfsync", "always")
        gate = Limiter(make_client(server.url), b"k" * 32, policy, workers=workers)

        def ask() -> None:
            while not over.is_set():
                decisions.append(gate.attempt("ask", {"person": "amal", "network": "n"}))

        def asked_until(wanted) -> None:
            """Let them ask on until a decision that was made from now on is as wanted."""
            seen = len(decisions)
            for _ in range(6_000):
                if any(wanted(one) for one in decisions[seen:]):
                    return
                threads[0].join(0.01)
            raise AssertionError("no such decision came")

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        try:
            asked_until(lambda one: not one.degraded)
            os.kill(server.process_id, signal.SIGSTOP)
            asked_until(lambda one: one.degraded)
            os.kill(server.process_id, signal.SIGCONT)
            asked_until(lambda one: not one.degraded)
            os.kill(server.process_id, signal.SIGKILL)
            asked_until(lambda one: one.degraded)
            asked_until(lambda one: not one.degraded)
        finally:
            over.set()
            for thread in threads:
                ended(thread)

    by_server = sum(one.allowed for one in decisions if not one.degraded)
    alone = sum(one.allowed for one in decisions if one.degraded)
    assert by_server <= shared
    assert 0 < alone <= shared // workers * gate.counts()["failures"]
    assert gate.counts()["decided"] == len(decisions)
    assert gate.counts()["degraded"] == sum(one.degraded for one in decisions)


def test_once_healed_the_local_memory_is_forgotten(valkey_url, unreachable, clock):
    gate = Limiter(unreachable, b"k" * 32, {"ask": (Limit("person", timedelta(hours=1), 1),)}, monotonic=clock)
    gate.attempt("ask", {"person": "healing"})
    assert not gate.attempt("ask", {"person": "healing"}).allowed

    gate._script = Script(make_client(valkey_url), gate._script._source)
    _until(lambda: gate.attempt("ask", {"person": "another"}), lambda one: not one.degraded, clock)

    assert gate._local._arrivals == {}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/at/all.sock"])
def test_an_address_where_nobody_answers_is_an_outage_not_an_error(url):
    decision = Limiter(make_client(url), b"k" * 32, POLICY).attempt("ask", {"person": "amal"})

    assert decision.allowed
    assert decision.degraded


def _until(attempt, wanted, clock):
    """Try on, passing the breaker's rest each time; a busy machine may miss the 50 ms more than once."""
    for _ in range(100):
        decision = attempt()
        if wanted(decision):
            return decision
        clock.seconds += REST_SECONDS
    raise AssertionError("the server never answered in time")
