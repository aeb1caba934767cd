"""A receiver that hangs, drips, redirects, is impersonated or leads elsewhere holds nobody and learns nothing."""

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, ip_address, ip_network

import pytest

from booking.people.webhooks import call
from booking.people.webhooks.call import LONGEST_ANSWER, Caller, find, may_be_called, read_url
from booking.people.webhooks.signing import AddressInsideError
from booking.platform.base import bounded_http
from booking.platform.base.errors import FieldError
from booking.platform.base.settings import Settings
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


STRICT = cheap_settings()
INSIDE = (
    *("127.0.0.1", "127.8.8.8", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    str(IPv4Address(0)),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "fec0::1"),
    *("::ffff:10.0.0.7", "::ffff:169.254.169.254", "::10.0.0.7"),
    *("64:ff9b::a00:7", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "2002:a00:7::1", "2002:7f00:1::", "2001:0:a::1"),
    *("192.0.0.192", "192.88.99.1", "168.63.129.16", "::ffff:0:10.0.0.1", "5f00::1", "3fff::1"),
)
OUTSIDE = ("8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8")


@pytest.fixture
def named(monkeypatch):
    """Let names lead to addresses, as whoever answers for them says."""

    def lead(**names):
        def look_up(host, port, **_):
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return [(0, 0, 0, "", (one, port)) for one in names[host].split()]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return lead


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_may_not_be_called(text):
    assert not may_be_called(ip_address(text), STRICT)


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_public_address_may_be_called(text):
    assert may_be_called(ip_address(text), STRICT)


def test_a_network_that_the_settings_allow_may_be_called_and_its_neighbour_not():
    settings = cheap_settings(webhook_networks=(ip_network("10.20.0.0/16"), ip_network("fd00:20::/32")))
    allowed = [may_be_called(ip_address(one), settings) for one in ("10.20.3.4", "::ffff:10.20.3.4", "fd00:20::1")]
    others = [may_be_called(ip_address(one), settings) for one in ("10.21.0.1", "fd00:21::1", "127.0.0.1")]
    assert (allowed, others) == ([True] * 3, [False] * 3)


@pytest.mark.parametrize("network", ["127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10"])
def test_settings_cannot_allow_this_machine_or_its_link(network):
    with pytest.raises(ValueError, match="this machine itself"):
        Settings(_env_file=None, webhook_networks=network)


def test_one_address_inside_among_public_ones_refuses_the_name(named):
    named(good="8.8.8.8 2606:4700::1111", mixed="8.8.8.8 10.0.0.7", scoped="fe80::1%eth0")
    assert find(read_url("https://good/", STRICT), STRICT) == ["8.8.8.8", "2606:4700::1111"]
    for host in ("mixed", "scoped"):
        with pytest.raises(AddressInsideError):
            find(read_url(f"https://{host}/", STRICT), STRICT)


@pytest.mark.parametrize(
    "url",
    [
        "http://good.example/",
        "ftp://good.example/",
        "https://",
        "https:///events",
        "https://user:word@good.example/",
        "https://good.example/#part",
        "https://good.example:0/",
        "https://good.example:99999/",
        "https://good.example/a b",
        "https://good.example/\r\nHost: inside",
        "https://good.example\\@inside/",
        "https://مثال.example/",
        "//good.example/",
    ],
)
def test_what_is_not_an_address_of_https_is_refused(url):
    with pytest.raises(FieldError, match="not_https"):
        read_url(url, STRICT)


@pytest.mark.parametrize(
    ("url", "named", "path"),
    [
        ("https://good.example", "good.example", "/"),
        ("https://GOOD.example:8443/a?b=c", "good.example:8443", "/a?b=c"),
        ("https://good.example:443/a", "good.example", "/a"),
        ("https://[2606:4700::1111]/a", "[2606:4700::1111]", "/a"),
    ],
)
def test_an_address_is_taken_apart(url, named, path):
    target = read_url(url, STRICT)
    assert (target.named, target.path, target.secure) == (named, path, True)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "localhost"])
def test_another_spelling_of_this_machine_is_refused_all_the_same(host):
    with pytest.raises((AddressInsideError, OSError)):
        find(read_url(f"https://{host}/", STRICT), STRICT)
