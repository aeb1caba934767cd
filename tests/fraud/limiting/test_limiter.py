"""The limiter on a real server: one script, all or nothing, exact under concurrency."""

import inspect
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud.limiting.limiter import REPLY, Limit, Limiter, UnknownActionError, make_client
from fraud.limiting.limits import SUBJECTS, LocalLimits
from fraud.limiting.redis_client import HASH_TAG
from fraud.limiting.text import default_limits


def test_attempts_pass_until_the_count_is_reached_and_the_next_must_wait(limiter):
    gate = limiter(("person", 3))

    decisions = [gate.attempt("ask", {"person": "amal"}) for _ in range(4)]

    assert [decision.allowed for decision in decisions] == [True, True, True, False]
    assert [decision.remaining for decision in decisions] == [2, 1, 0, 0]
    assert 1190 <= decisions[3].retry_after_seconds <= 1200
    assert 3590 <= decisions[3].reset <= 3600
    assert not any(decision.degraded for decision in decisions)


def test_an_attempt_refused_by_one_limit_is_charged_to_none(limiter):
    gate = limiter(("person", 1), ("network", 5))
    gate.attempt("ask", {"person": "amal", "network": "192.0.2.0/24"})

    refused = [gate.attempt("ask", {"person": "amal", "network": "192.0.2.0/24"}) for _ in range(10)]
    other = gate.attempt("ask", {"person": "karim", "network": "192.0.2.0/24"})

    assert not any(decision.allowed for decision in refused)
    assert {decision.tightest.subject for decision in refused} == {"person"}
    assert other.allowed
    assert gate.attempt("ask", {"network": "192.0.2.0/24"}).remaining == 2


def test_the_tightest_limit_is_reported(limiter):
    gate = limiter(("network", 100), ("device", 4), ("person", 9))

    decision = gate.attempt("ask", {"network": "n", "device": "d", "person": "p"})

    assert decision.tightest.subject == "device"
    assert decision.remaining == 3


def test_the_longest_wait_of_several_reached_limits_is_reported(client):
    policy = {"ask": (Limit("phone", timedelta(minutes=1), 1), Limit("person", timedelta(days=1), 1))}
    gate = Limiter(client, b"k" * 32, policy)
    gate.attempt("ask", {"phone": "0999", "person": "amal"})

    decision = gate.attempt("ask", {"phone": "0999", "person": "amal"})

    assert decision.tightest.subject == "person"
    assert decision.retry_after_seconds > 86_000


def test_one_subject_may_have_limits_over_two_periods(client):
    policy = {"ask": (Limit("phone", timedelta(minutes=15), 4), Limit("phone", timedelta(days=1), 2))}
    gate = Limiter(client, b"k" * 32, policy)

    allowed = [gate.attempt("ask", {"phone": "0999"}).allowed for _ in range(3)]

    assert allowed == [True, True, False]


def test_actions_and_people_have_budgets_of_their_own(client):
    one = (Limit("person", timedelta(hours=1), 1),)
    gate = Limiter(client, b"k" * 32, {"ask": one, "hold": one})

    assert gate.attempt("ask", {"person": "amal"}).allowed
    assert gate.attempt("hold", {"person": "amal"}).allowed
    assert gate.attempt("ask", {"person": "karim"}).allowed


def test_a_subject_that_is_absent_is_not_limited(limiter):
    gate = limiter(("person", 1), ("device", 1))

    assert gate.attempt("ask", {"person": "amal", "device": "d"}).allowed
    assert gate.attempt("ask", {"person": "karim"}).allowed


def test_an_attempt_to_which_no_limit_applies_passes(limiter):
    decision = limiter(("person", 1)).attempt("ask", {"office": "damascus"})

    assert decision.allowed
    assert decision.tightest is None


def test_an_empty_subject_is_refused_because_strangers_would_share_it(limiter):
    with pytest.raises(ValueError, match="device is empty"):
        limiter(("device", 1)).attempt("ask", {"device": ""})


def test_an_unknown_action_is_an_error(limiter):
    with pytest.raises(UnknownActionError):
        limiter(("device", 1)).attempt("dance", {"device": "d"})


@pytest.mark.parametrize("value", ["x" * 10_000, "أمل", "a\0b", "{tag}", "\ud800"])
def test_strange_values_are_limited_like_any_other(limiter, value):
    gate = limiter(("device", 1))

    assert gate.attempt("ask", {"device": value}).allowed
    assert not gate.attempt("ask", {"device": value}).allowed


def test_the_server_never_sees_what_is_limited(limiter, client):
    limiter(("person", 3)).attempt("ask", {"person": "01234567890"})

    keys = list(client.scan_iter("*"))

    assert len(keys) == 1
    assert keys[0].startswith(b"{mawid}:limit:3600:")
    assert b"01234567890" not in keys[0]
    assert b"01234567890" not in client.get(keys[0])
    assert len(keys[0]) == len(b"{mawid}:limit:3600:") + 16


def test_keys_live_as_long_as_they_matter_and_no_longer(limiter, client):
    limiter(("person", 3)).attempt("ask", {"person": "amal"})

    (key,) = client.scan_iter("*")

    assert 1_100 <= client.ttl(key) <= 1_202


def test_limits_of_ninety_days_are_kept(client):
    gate = Limiter(client, b"k" * 32, {"ask": (Limit("person", timedelta(days=90), 1),)})
    gate.attempt("ask", {"person": "amal"})

    assert not gate.attempt("ask", {"person": "amal"}).allowed


def test_exactly_the_count_is_admitted_to_fifty_concurrent_clients(limiter):
    gate = limiter(("person", 20), ("network", 1_000))

    with ThreadPoolExecutor(50) as pool:
        decisions = list(pool.map(lambda _: gate.attempt("ask", {"person": "amal", "network": "n"}), range(200)))

    assert sum(decision.allowed for decision in decisions) == 20
    assert gate.counts() == {"decided": 200, "refused": 180, "degraded": 0, "failures": 0}


def test_concurrent_processes_are_admitted_exactly_the_count(valkey_url, client, pytestconfig):
    """Four processes here, fifty threads above: each process is a client that races with the others."""
    command = [sys.executable, str(Path(__file__).with_name("asking_process.py")), valkey_url, "150", "90", "130"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, cwd=pytestconfig.rootpath, **pipes) for _ in range(4)]
    assert [one.stdout.readline() for one in processes] == ["ready\n"] * 4
    for one in processes:
        one.stdin.write("go\n")
        one.stdin.flush()
    admitted, degraded = zip(*(map(int, one.communicate()[0].split()) for one in processes), strict=True)

    assert sum(degraded) == 0
    assert sum(admitted) == 130  # the network's count, which two people of ninety would exceed


def test_two_processes_with_the_same_key_share_one_budget(client):
    one, other = (Limiter(client, b"k" * 32, {"ask": (Limit("person", timedelta(hours=1), 1),)}) for _ in range(2))

    assert one.attempt("ask", {"person": "amal"}).allowed
    assert not other.attempt("ask", {"person": "amal"}).allowed


def test_a_server_that_forgot_the_script_is_given_it_again(limiter, client):
    gate = limiter(("person", 5))
    gate.attempt("ask", {"person": "amal"})
    client.script_flush()

    decision = gate.attempt("ask", {"person": "amal"})

    assert decision.remaining == 3
    assert not decision.degraded
    assert gate.counts()["failures"] == 0


@pytest.mark.parametrize("key", [b"short", b"k" * 65])
def test_a_key_that_is_too_short_or_too_long_is_refused(client, key):
    with pytest.raises(ValueError, match="16 to 64 bytes"):
        Limiter(client, key)


def test_a_percent_sign_in_limits_or_hashes_does_no_harm(client):
    count = int.from_bytes(b"%s")  # as the packed argument has it
    gate = Limiter(client, b"k" * 32, {"ask": (Limit("person", timedelta(hours=1), count),)})

    decisions = [gate.attempt("ask", {"person": f"person {number}"}) for number in range(600)]

    assert {decision.remaining for decision in decisions} == {count - 1}
    assert gate.counts()["failures"] == 0


def test_a_registered_helper_has_a_budget_of_its_own(client):
    policy = {
        "ask": (
            Limit("device", timedelta(hours=1), 2),
            Limit("person", timedelta(hours=1), 3),
            Limit("device", timedelta(hours=1), 4, helper=True),
        )
    }
    gate = Limiter(client, b"k" * 32, policy)

    helper = [gate.attempt("ask", {"device": "shop", "person": f"{n}"}, helper=True).allowed for n in range(5)]
    others = [gate.attempt("ask", {"device": "shop", "person": "0"}) for _ in range(3)]

    assert helper == [True, True, True, True, False]
    assert [one.allowed for one in others] == [True, True, False]
    assert others[1].remaining == 0  # the person's budget is the same whoever asks for them, and not yet the tightest
    assert others[2].tightest.subject == "device"


def test_a_new_policy_holds_from_the_next_attempt_and_old_attempts_still_count(limiter):
    gate = limiter(("person", 5))
    first = gate.attempt("ask", {"person": "amal"})

    gate.adopt({"ask": (Limit("person", timedelta(hours=1), 2),)}, "strict")
    decisions = [gate.attempt("ask", {"person": "amal"}) for _ in range(2)]

    assert (first.version, first.remaining) == ("", 4)
    assert [(one.version, one.allowed) for one in decisions] == [("strict", True), ("strict", False)]


def test_attempts_are_counted_for_each_action(client):
    one = (Limit("person", timedelta(hours=1), 1),)
    gate = Limiter(client, b"k" * 32, {"ask": one, "hold": one})
    for action in ("ask", "ask", "hold"):
        gate.attempt(action, {"person": "amal"})

    assert gate.counts_by_action() == {
        "ask": {"decided": 2, "refused": 1, "degraded": 0},
        "hold": {"decided": 1, "refused": 0, "degraded": 0},
    }


@pytest.mark.usefixtures("hurried")
def test_the_client_gives_up_after_fifty_milliseconds_and_never_tries_twice():
    for url in ("unix:///run/valkey.sock?db=1", "redis://user:word@127.0.0.1:6379/2", "rediss://127.0.0.1/0"):
        settings = make_client(url).connection_pool.connection_kwargs

        assert settings["socket_timeout"] == settings["socket_connect_timeout"] == 0.05
        assert settings["retry"].get_retries() == 0


def test_the_default_policy_can_be_judged(client):
    gate = Limiter(client, b"k" * 32)
    subjects = dict.fromkeys(SUBJECTS, "x")

    assert all(gate.attempt(action, subjects).allowed for action in default_limits().policy)


LIMITS = st.lists(
    st.builds(Limit, st.just("person"), st.integers(1, 5_000).map(lambda s: timedelta(seconds=s)), st.integers(1, 6)),
    min_size=1,
    max_size=4,
)
STEPS = st.lists(st.tuples(st.integers(0, 900_000_000), st.sets(st.integers(0, 3), min_size=1)), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=LIMITS, steps=STEPS)
def test_the_script_and_its_local_twin_decide_alike(client, limits, steps):
    """The script runs on the real server, but reads the time from the test."""
    client.flushall()
    source = Path(inspect.getfile(Limiter)).with_name("gcra.lua").read_text()
    assert source.count("call('TIME')") == 1
    script = source.replace("call('TIME')", "{tonumber(ARGV[2]), tonumber(ARGV[3])}")
    now = 1_700_000_000_000_000
    local = LocalLimits(1, lambda: now / 1_000_000)

    for wait, chosen in steps:
        now += wait - wait % 1_000_000  # whole seconds: the local clock is a float
        judged = [(f"{HASH_TAG}:{place}", limit) for place, limit in enumerate(limits) if place in chosen]
        if not judged:
            continue
        keys = [key for key, _ in judged]
        packed = b"".join(struct.pack(">QQ", limit.interval_us, limit.count) for _, limit in judged)
        reply = client.eval(script, len(keys), *keys, packed, now // 1_000_000, now % 1_000_000)

        assert REPLY.unpack(reply) == local.attempt(keys, [limit for _, limit in judged])
