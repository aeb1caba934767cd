"""Limits and sessions on servers with users, by TLS, behind sentinels and in a cluster, as the runbook says."""

import re
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from threading import Event
from uuid import uuid4

import pytest
import redis

from api.pages.citizen.ask import drafts
from api.v1.calls.once import alone
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.platform.base.errors import SessionsUnavailableError
from booking.platform.models.states import Door
from deploy.checks.free_ports import free_port
from fraud.limiting.breaker import REST_SECONDS
from fraud.limiting.limiter import Limit, Limiter
from fraud.limiting.outage_log import OutageLog
from fraud.limiting.redis_client import AddressError, check_address, connect, make_client
from tests.support.redis_servers import PATIENCE, a_server, behind_tls, make_certificate, patient
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

RUNBOOK = ROOT / "docs" / "runbook.md"
POLICY = {"ask": (Limit("person", timedelta(hours=1), 3), Limit("device", timedelta(hours=1), 100))}


def patient_limiter(url: str) -> Limiter:
    """Return a limiter that waits longer than 50 ms: a busy machine is no outage."""
    return Limiter(connect(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE), b"k" * 32, POLICY)


def decisions(limiter: Limiter, attempts: int = 4) -> list[tuple[bool, bool]]:
    made = [limiter.attempt("ask", {"person": "amal", "device": "d"}) for _ in range(attempts)]
    return [(one.allowed, one.degraded) for one in made]


EXACT = [(True, False)] * 3 + [(False, False)]


def use_everything(core: Core, url: str) -> None:
    """Do what the application does with its store: sessions, drafts, locks."""
    with_server = replace(core, redis=connect(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE))
    account = uuid4()
    token, _ = sessions.create(with_server, account_id=account, language="ar", door=Door.HOME)
    assert sessions.update_form(with_server, token, {"step": "1"}).form == {"step": "1"}
    sessions.delete_all(with_server, account)
    assert sessions.read(with_server, token) is None
    drafts.keep_step(with_server, account, Door.HOME, people=[1])
    assert drafts.read_draft(with_server, account, Door.HOME) == ({"people": [1]}, {})
    owners = [drafts.Owner(with_server, account, door) for door in (Door.HOME, Door.ABROAD)]
    drafts.finish_drafts([drafts.Sent(one, one.door.value, "r") for one in owners])
    assert drafts.read_drafts(owners) == [({}, {"home": "r"}), ({}, {"abroad": "r"})]
    with alone(with_server, "scope", "key"):
        pass
    assert with_server.redis.ping()


def block_of_the_runbook(begins: str) -> str:
    (block,) = re.findall(
        rf"^```text\n({begins} .+?)```", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return block


@pytest.fixture
def users_of_the_runbook(tmp_path) -> str:
    """The file of users that the runbook tells to write."""
    (lines,) = re.findall(
        r"^```text\n(user default .+?)```", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    file = tmp_path / "users.acl"
    file.write_text(lines.replace("SHA256", sha256(b"secret").hexdigest()), encoding="utf-8")
    return str(file)


@pytest.fixture
def settings_of_the_runbook(users_of_the_runbook) -> list[str]:
    """The lines that the runbook tells to add to the server's configuration, as options."""
    lines = block_of_the_runbook("aclfile")
    words = [f"--{line}".split() for line in lines.replace("/etc/valkey/users.acl", users_of_the_runbook).splitlines()]
    return [word for line in words for word in line]


def test_the_runbooks_redis_user_survives_a_restart_with_only_our_commands(tmp_path, core, settings_of_the_runbook):
    port = free_port()
    url = f"redis://mawid:secret@127.0.0.1:{port}/0"
    with a_server(tmp_path, *settings_of_the_runbook, port=port):
        assert decisions(patient_limiter(url)) == EXACT
        use_everything(core, url)

    with a_server(tmp_path, *settings_of_the_runbook, port=port):
        with pytest.raises(redis.exceptions.AuthenticationError):
            patient(port).ping()
        assert decisions(patient_limiter(url))[-1] == (False, False)
        stranger = patient(port, username="mawid", password="secret")
        for words in (("GET", "other"), ("KEYS", "*"), ("FLUSHALL",), ("CONFIG", "GET", "*"), ("ACL", "LIST")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                stranger.execute_command(*words)


def test_a_wrong_password_is_an_outage_whose_cause_is_logged_once(tmp_path, users_of_the_runbook, caplog):
    with a_server(tmp_path, "--aclfile", users_of_the_runbook) as port:
        limiter = patient_limiter(f"redis://mawid:wrong@127.0.0.1:{port}/0")

        assert decisions(limiter, 6) == [(True, True)] * 3 + [(False, True)] * 3

    (line,) = [record.getMessage() for record in caplog.records if record.name == OutageLog.__module__]
    assert line.startswith("Valkey does not answer for limits: AuthenticationError: ")
    assert "wrong" not in line


def test_a_session_store_that_goes_away_and_comes_back_is_logged_twice(tmp_path, core, caplog):
    assert sessions.read(core, "a token") is None
    caplog.clear()
    port = free_port()
    lost = replace(core, redis=connect(f"redis://127.0.0.1:{port}/0", socket_connect_timeout=PATIENCE))
    for _ in range(2):
        with pytest.raises(SessionsUnavailableError):
            sessions.read(lost, "a token")
    with a_server(tmp_path, port=port):
        assert sessions.read(lost, "a token") is None

    told = [record.getMessage() for record in caplog.records if record.name == OutageLog.__module__]
    assert [line.partition(": ")[0] for line in told] == [
        "Valkey does not answer for sessions",
        "Valkey answers again for sessions",
    ]
    assert "Connection refused" in told[0]


def test_tls_is_used_and_the_servers_certificate_is_checked(tmp_path, core):
    key, certificate = make_certificate(tmp_path)
    with a_server(tmp_path) as plain, behind_tls(plain, key, certificate) as port:
        url = f"rediss://127.0.0.1:{port}/0"

        assert decisions(patient_limiter(url), 1) == [(True, True)]  # nobody vouches for this certificate
        assert decisions(patient_limiter(f"{url}?ssl_ca_certs={certificate}")) == EXACT
        use_everything(core, f"{url}?ssl_ca_certs={certificate}")


def test_after_a_failover_the_limits_are_kept_by_the_server_that_took_over(tmp_path, core):
    ports = [free_port(), free_port()]
    configuration = f"""
sentinel monitor mawid-cache 127.0.0.1 {ports[0]} 1
sentinel down-after-milliseconds mawid-cache 60000
sentinel failover-timeout mawid-cache 60000
"""
    with ExitStack() as running:
        for number, port in enumerate(ports):
            follows = ("--replicaof", f"127.0.0.1 {ports[0]}", "--repl-diskless-sync-delay", "0") if number else ()
            running.enter_context(
                a_server(tmp_path / str(number), *follows, "--repl-diskless-sync-delay", "0", port=port)
            )
        until(lambda: patient(ports[0]).info("replication")["connected_slaves"] == 1)
        watcher = running.enter_context(a_server(tmp_path / "sentinel", sentinel=configuration))
        until(lambda: patient(watcher).sentinel_master("mawid-cache")["num-slaves"] == 1)
        url = f"redis+sentinel://127.0.0.1:{watcher}/mawid-cache/0"
        seconds = SettableSeconds()
        client = connect(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        limiter = Limiter(client, b"k" * 32, POLICY, monotonic=seconds)
        assert decisions(limiter, 2) == EXACT[:2]
        assert patient(ports[0]).wait(1, int(PATIENCE * 1000)) == 1

        until(lambda: patient(watcher).execute_command("SENTINEL", "FAILOVER", "mawid-cache"))
        until(lambda: patient(watcher).sentinel_get_master_addr_by_name("mawid-cache")[1] == ports[1])

        def healed() -> bool:
            seconds.now += REST_SECONDS
            return not limiter.attempt("ask", {"device": "another"}).degraded

        until(healed)
        assert decisions(limiter, 2) == EXACT[2:]
        use_everything(core, url)


def test_a_cluster_keeps_all_keys_of_an_attempt_on_one_node(tmp_path, core):
    with a_server(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(free_port())) as port:
        node = patient(port)
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        until(lambda: b"cluster_state:ok" in raw(node.execute_command("CLUSTER", "INFO")))
        url = f"redis+cluster://127.0.0.1:{port}"

        assert decisions(patient_limiter(url)) == EXACT
        use_everything(core, url)
        assert len({node.execute_command("CLUSTER", "KEYSLOT", key) for key in node.keys("*")}) == 1


def test_a_cluster_whose_slots_moved_is_followed(tmp_path):
    buses = [free_port(), free_port()]
    with ExitStack() as running:
        ports = [
            running.enter_context(a_server(tmp_path / str(bus), "--cluster-enabled", "yes", "--cluster-port", str(bus)))
            for bus in buses
        ]
        one, other = map(patient, ports)
        names = [raw(node.execute_command("CLUSTER", "MYID")).decode() for node in (one, other)]
        one.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        one.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[1], buses[1])
        for node in (one, other):
            until(lambda node=node: b"cluster_state:ok" in raw(node.execute_command("CLUSTER", "INFO")))
            until(lambda node=node: b"cluster_known_nodes:2" in raw(node.execute_command("CLUSTER", "INFO")))
        limiter = patient_limiter(f"redis+cluster://127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}")
        assert decisions(limiter, 2) == EXACT[:2]

        slot = one.execute_command("CLUSTER", "KEYSLOT", "{mawid}")
        one.flushall()
        for node in (other, one):
            node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", names[1])

        assert decisions(limiter) == EXACT
        assert limiter.counts()["failures"] == 0
        assert len(other.keys("*")) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://cache.example",
        "redis+sentinel://cache.example:26379",
        "redis+sentinel:///name",
        "redis+cluster://cache.example:port",
        "redis+cluster://cache.example/name",
        "cache.example:6379",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_showing_it(url):
    with pytest.raises(AddressError) as refused:
        check_address(url)
    assert "cache.example" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "unix:///run/valkey.sock?db=1",
        "rediss://user:word@cache.example/0?ssl_ca_certs=/etc/ca.pem",
        "rediss+sentinel://user:word@one.example,two.example:26380/name/3?sentinel_password=other",
        "redis+cluster://[2001:db8::1]:7000,two.example",
    ],
)
def test_every_form_of_address_is_read(url):
    check_address(url)


@pytest.mark.usefixtures("hurried")
def test_the_hurried_client_of_sentinels_gives_up_as_quickly_as_any():
    client = make_client(
        "rediss+sentinel://user:word@one.example/name/3?sentinel_password=other&ssl_ca_certs=/etc/ca.pem"
    )
    settings = client.connection_pool.connection_kwargs
    watcher = client.connection_pool.sentinel_manager.sentinels[0].connection_pool.connection_kwargs

    assert settings["socket_timeout"] == watcher["socket_timeout"] == 0.05
    assert (settings["username"], settings["password"], settings["db"]) == ("user", "word", 3)
    assert (watcher["username"], watcher["password"]) == (None, "other")
    assert settings["ssl_ca_certs"] == watcher["ssl_ca_certs"] == "/etc/ca.pem"
    assert (watcher["host"], watcher["port"]) == ("one.example", 26379)


class SettableSeconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def until(holds) -> None:
    """Look again until it holds; each look asks a server, which takes its time."""
    for _ in range(3_000):
        try:
            if holds():
                return
        except redis.RedisError:
            pass
        Event().wait(0.02)
    raise AssertionError("it never came to hold")


def raw(answer: object) -> bytes:
    """Return an answer as the server wrote it; redis-py reads some of them into tables."""
    return answer if isinstance(answer, bytes) else str(answer).encode()
