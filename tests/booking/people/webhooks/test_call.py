"""A receiver that hangs, drips, redirects, is impersonated or leads elsewhere holds nobody and learns nothing."""

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from booking.people.webhooks import call
from booking.people.webhooks.call import LONGEST_ANSWER, Caller, find
from booking.platform.base import bounded_http
from booking.platform.models.webhook import Answer
from deploy.checks.free_ports import free_port
from tests.support.certificates import an_authority
from tests.support.country import cheap_settings

PLAIN = cheap_settings(webhook_plain=True)
BODY = b'{"type":"webhook.test"}'


def posted(url, settings=PLAIN, **how):
    caller = Caller(url, settings, **how)
    try:
        result = caller.post(BODY, {"webhook-id": "evt_1"})
    finally:
        caller.close()
    return result.answer, result.status


@contextmanager
def serving(answer, *, tls=None, heard=BODY):
    """A socket on this machine that answers each connection as told, once it heard; gives its port and what came."""
    came, over = [], threading.Event()

    def serve(listening):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                with connection if tls is None else tls.wrap_socket(connection, server_side=True) as line:
                    came.append(line.recv(65_536))
                    while heard not in came[-1] and (more := line.recv(65_536)):
                        came[-1] += more
                    answer(line, over)
            except OSError as error:
                came.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        pool.submit(serve, listening)
        try:
            yield listening.getsockname()[1], came
        finally:
            over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def saying(text):
    return lambda line, _: line.sendall(text.encode())


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer.TAKEN),
        (202, Answer.TAKEN),
        (204, Answer.TAKEN),
        (301, Answer.REFUSED),
        (307, Answer.REFUSED),
        (400, Answer.REFUSED),
        (410, Answer.GONE),
        (429, Answer.BUSY),
        (500, Answer.REFUSED),
        (503, Answer.BUSY),
    ],
)
def test_each_status_says_what_became_of_an_event(receiver, status, answer):
    receiver.answers = lambda *_: status
    receiver.headers["location"] = "http://127.0.0.1:1/elsewhere"
    assert posted(receiver.url) == (answer, status)
    assert len(receiver.got) == 1


def test_a_receiver_that_never_answers_is_left(receiver):
    with serving(lambda _, over: over.wait()) as (port, _):
        assert posted(f"http://127.0.0.1:{port}/", answer_seconds=0.2) == (Answer.TIMED_OUT, None)


def test_an_answer_that_drips_is_left_after_the_whole_time(monkeypatch):
    monkeypatch.setattr(bounded_http, "WHOLE_SECONDS", 0.3)

    def drip(line, over):
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            line.sendall(b"x")

    with serving(drip) as (port, _):
        assert posted(f"http://127.0.0.1:{port}/") == (Answer.TIMED_OUT, None)


def test_a_body_without_end_is_not_read(monkeypatch):
    def flood(line, over):
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            line.sendall(b"x" * LONGEST_ANSWER)

    with serving(flood) as (port, _):
        assert posted(f"http://127.0.0.1:{port}/") == (Answer.TAKEN, 200)


@pytest.mark.parametrize("words", ["", "nonsense\r\n\r\n", "HTTP/1.1 999999 no\r\n\r\n", "SSH-2.0-OpenSSH\r\n"])
def test_what_does_not_speak_http_has_not_answered(words):
    with serving(saying(words)) as (port, _):
        assert posted(f"http://127.0.0.1:{port}/") == (Answer.UNREACHABLE, None)


def test_where_nobody_listens_nobody_is_reached():
    assert posted(f"http://127.0.0.1:{free_port()}/") == (Answer.UNREACHABLE, None)
    assert posted("https://nobody.invalid/") == (Answer.UNREACHABLE, None)


def test_a_connection_is_kept_and_made_again_where_the_receiver_ended_it(receiver):
    caller = Caller(receiver.url, PLAIN)
    assert [caller.post(BODY, {}).answer for _ in range(3)] == [Answer.TAKEN] * 3
    caller.close()

    with serving(saying("HTTP/1.1 204 No Content\r\n\r\n")) as (port, came):
        caller = Caller(f"http://127.0.0.1:{port}/", PLAIN)
        assert [caller.post(BODY, {}).answer for _ in range(3)] == [Answer.TAKEN] * 3
        caller.close()
        assert len(came) == 3


def test_each_connection_goes_to_an_address_that_was_looked_at_then(receiver):
    """A name that leads outside when it is subscribed, and inside when it is called, reaches nothing."""
    strict, looked = cheap_settings(), []

    def rebound(target, settings):
        looked.append(target.host)
        return find(target, settings)

    port = receiver.url.split(":")[2].split("/")[0]
    assert posted(f"https://localhost:{port}/", strict, find=rebound) == (Answer.INSIDE, None)
    assert (looked, receiver.got) == (["localhost"], [])


def test_the_address_that_was_looked_at_is_the_one_that_is_called(receiver):
    port = receiver.url.split(":")[2].split("/")[0]
    asked = posted(f"http://nobody.invalid:{port}/events", find=lambda *_: ["127.0.0.1"])
    assert asked == (Answer.TAKEN, 204)
    assert receiver.got[0].headers["host"] == f"nobody.invalid:{port}"


def test_an_address_that_settings_no_longer_allow_is_not_called(receiver):
    assert posted(receiver.url, cheap_settings()) == (Answer.INSIDE, None)
    assert receiver.got == []


def test_no_proxy_of_the_environment_gets_the_events(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert posted(receiver.url) == (Answer.TAKEN, 204)


@pytest.fixture
def certified(tmp_path):
    """A receiver by TLS whose certificate an authority of its own signed for 127.0.0.1; and that authority."""
    authority, server = an_authority(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return authority, context


def test_a_certificate_is_for_the_name_and_of_whom_we_trust(certified, tmp_path):
    authority, tls = certified
    trusting = cheap_settings(webhook_plain=True, webhook_ca_file=authority)
    with serving(saying("HTTP/1.1 204 No Content\r\n\r\n"), tls=tls) as (port, came):
        assert posted(f"https://127.0.0.1:{port}/", trusting) == (Answer.TAKEN, 204)
        assert posted(f"https://127.0.0.1:{port}/", PLAIN) == (Answer.CERTIFICATE, None)
        assert posted(f"https://localhost:{port}/", trusting) == (Answer.CERTIFICATE, None)
    assert sum(isinstance(one, bytes) and BODY in one for one in came) == 1


def test_a_receiver_that_changes_its_certificate_to_an_unknown_one_gets_nothing(certified, tmp_path):
    authority, tls = certified
    trusting = cheap_settings(webhook_plain=True, webhook_ca_file=authority)
    caller = None
    with serving(saying("HTTP/1.1 204 No Content\r\n\r\n"), tls=tls) as (port, came):
        caller = Caller(f"https://127.0.0.1:{port}/", trusting)
        assert caller.post(BODY, {}).answer is Answer.TAKEN
        _, other = an_authority(tmp_path / "other")
        tls.load_cert_chain(other)
        assert caller.post(BODY, {}).answer is Answer.CERTIFICATE
        caller.close()
    assert sum(isinstance(one, bytes) and BODY in one for one in came) == 1


def test_what_speaks_no_tls_gets_nothing():
    def speak(line, _):
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        while more := line.recv(65_536):
            came.append(more)

    with serving(speak, heard=b"") as (port, came):
        assert posted(f"https://127.0.0.1:{port}/") == (Answer.CERTIFICATE, None)
    assert came
    assert not any(isinstance(one, bytes) and BODY in one for one in came)


def test_what_never_begins_tls_is_left_and_gets_nothing(monkeypatch):
    monkeypatch.setattr(call, "CONNECT_SECONDS", 0.2)
    with serving(saying("")) as (port, came):
        assert posted(f"https://127.0.0.1:{port}/") == (Answer.TIMED_OUT, None)
    assert not any(isinstance(one, bytes) and BODY in one for one in came)
