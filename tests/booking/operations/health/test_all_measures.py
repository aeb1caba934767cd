"""The measures of every process of a machine, gathered over real sockets."""

import socket
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError

from booking.operations.health.__main__ import make_server
from booking.operations.health.all_measures import gather
from booking.platform.base.measures import OWN, SHARED, told_on_machine
from tests.support.country import cheap_settings
from tests.support.waiting import ended

TOKEN = "a token for the measures"
MOST_TRIES = 100


def registry(name: str, value: float) -> CollectorRegistry:
    made = CollectorRegistry()
    Counter(name, "What is counted.", ["kind"], registry=made).labels("a").inc(value)
    return made


@contextmanager
def processes(folder):
    """Have two processes tell what they count, of which one also tells what all share."""
    shared = CollectorRegistry()
    Gauge("waiting", "What waits.", registry=shared).set(5)
    with ExitStack() as running:
        running.enter_context(told_on_machine(folder, "web", {OWN: registry("calls", 2), SHARED: shared}))
        running.enter_context(told_on_machine(folder, "worker", {OWN: registry("calls", 3)}))
        yield


def samples(text: bytes) -> dict[tuple[str, str], float]:
    """Return values by name and by the kind of the process."""
    return {
        (one.name, one.labels.get("process", "").partition("-")[0]): one.value
        for family in text_string_to_metric_families(text.decode())
        for one in family.samples
        if not one.name.endswith("_created")
    }


def test_each_process_counts_for_itself_and_what_all_share_is_told_once(tmp_path):
    deep = tmp_path / ("a folder that lies deeper than the path of a socket may be long " * 2)
    with processes(deep):
        assert samples(gather(deep)) == {
            ("calls_total", "web"): 2,
            ("calls_total", "worker"): 3,
            ("waiting", ""): 5,
            ("mawid_process_answers", "web"): 1,
            ("mawid_process_answers", "worker"): 1,
        }

    assert samples(gather(deep)) == {}


def test_the_socket_of_a_killed_process_is_removed_and_one_that_hangs_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("booking.platform.base.measures.PATIENCE", 0.05)
    with processes(tmp_path), socket.socket(socket.AF_UNIX) as hanging:
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(str(tmp_path / "measures" / "web-1.sock"))
        hanging.bind(str(tmp_path / "measures" / "worker-2.sock"))
        hanging.listen()
        # On a busy machine the one that is well does not always answer in so short a time either.
        found = [gather(tmp_path)]
        while len(found) < MOST_TRIES and ("calls_total", "worker") not in samples(found[-1]):
            found.append(gather(tmp_path))

    assert all(b'mawid_process_answers{process="worker-2"} 0.0' in one for one in found)
    assert samples(found[-1])["calls_total", "worker"] == 3
    assert not (tmp_path / "measures" / "web-1.sock").exists()


def ask(port: int, path: str, token: str) -> int | bytes:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.code


def test_prometheus_is_answered_at_an_address_of_its_own_for_the_token(tmp_path):
    with processes(tmp_path), make_server("127.0.0.1:0", tmp_path, TOKEN) as server:
        answering = threading.Thread(target=server.serve_forever)
        answering.start()
        try:
            port = server.server_address[1]
            assert samples(ask(port, "/metrics", TOKEN))["calls_total", "worker"] == 3
            assert ask(port, "/metrics", "another") == ask(port, "/", TOKEN) == 404
        finally:
            server.shutdown()
            ended(answering)


@pytest.mark.parametrize("address", ["0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464"])
def test_an_address_beyond_this_machine_needs_the_token(address):
    assert cheap_settings(metrics_address=address, metrics_token=SecretStr(TOKEN)).metrics_address == address
    with pytest.raises(ValidationError, match="needs MAWID_METRICS_TOKEN"):
        cheap_settings(metrics_address=address, metrics_token=None)


@pytest.mark.parametrize("address", ["9464", "127.0.0.1:", "127.0.0.1:65536", "metrics.example:9464"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        cheap_settings(metrics_address=address)


def test_where_the_folder_cannot_be_made_the_log_says_so_and_the_process_goes_on(tmp_path, caplog):
    (tmp_path / "measures").write_text("a file")
    with told_on_machine(tmp_path, "web", {}):
        assert "measures_not_told" in caplog.text
