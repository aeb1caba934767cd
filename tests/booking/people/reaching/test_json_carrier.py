"""A gateway that takes JSON is called as Apprise calls it, over one connection, and knows a notice that comes again."""

import json
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import SimpleNamespace

import pytest

from booking.people.reaching.apprise_carrier import AppriseCarrier
from booking.people.reaching.carrier import CarrierError, Letter
from booking.people.reaching.govstack_carrier import GovStackCarrier
from booking.people.reaching.json_carrier import KEY_HEADER, JsonCarrier
from booking.platform.base import bounded_http
from booking.platform.base.message_states import TryOutcome
from deploy.checks.free_ports import free_port
from tests.support.certificates import an_authority
from tests.support.waiting import ended

LETTER = Letter("موعد", "طلبك مسحوب: localhost/r/7K2-M9D-4QX")
PHONE = "+963944123456"
ALL = (
    "a%20user:p%40ss@{at}/send/{{to}}?method=put&+X-To=1{{to}}&-to={{to}}&-z=a%20b"
    "&:title=&:message=body&:from=Mawid&:number={{to}}"
)


@contextmanager
def a_gateway(status=200, body=b"{}", *, tls=None):
    """A gateway that keeps connections; yields its address and the calls that it got, each with its connection."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            calls.append((self.client_address, self.command, self.path, dict(self.headers), sent))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    running.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", calls
    finally:
        server.shutdown()
        ended(running)
        server.server_close()


@pytest.mark.parametrize("rest", [ALL, "{at}/send?-to={{to}}", "{at}/%D8%B1/{{to}}/?:to={{to}}&:type="])
def test_a_gateway_is_called_just_as_apprise_would_call_it(rest):
    with a_gateway() as (at, calls):
        address = "json://" + rest.format(at=at)
        AppriseCarrier(address).send(PHONE, LETTER, "a key")
        JsonCarrier(address).send(PHONE, LETTER, "a key")

        (_, *theirs), (_, *ours) = calls
        assert ours[2].pop(KEY_HEADER) == "a key"
        assert ours == theirs


def test_notices_share_a_connection_and_keep_to_their_receivers():
    with a_gateway() as (at, calls):
        carrier = JsonCarrier(f"json://{at}/send?-to={{to}}")
        for number in "12":
            carrier.send(f"+96394412345{number}", LETTER, number)

        assert calls[0][0] == calls[1][0]
        assert [(one[2], one[3][KEY_HEADER]) for one in calls] == [
            ("/send?to=%2B963944123451", "1"),
            ("/send?to=%2B963944123452", "2"),
        ]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, TryOutcome.REFUSED),
        (401, TryOutcome.UNAVAILABLE),
        (429, TryOutcome.UNAVAILABLE),
        (500, TryOutcome.UNAVAILABLE),
        (307, TryOutcome.UNAVAILABLE),
    ],
)
def test_a_notice_not_taken_is_tried_once_and_says_whether_to_try_again(status, outcome):
    with a_gateway(status, b"x" * 200_000) as (at, calls):
        with pytest.raises(CarrierError) as refused:
            JsonCarrier(f"json://{at}/send?-to={{to}}&redirect=yes").send(PHONE, LETTER, "key")

        assert (refused.value.outcome, len(calls)) == (outcome, 1)


@pytest.mark.parametrize("left_out", [False, True])
def test_a_proxy_of_the_environment_passes_notices_on_unless_it_is_told_not_to(monkeypatch, left_out):
    with a_gateway() as (at, calls), a_gateway() as (proxy, passed_on):
        monkeypatch.setenv("http_proxy", f"http://a%20user:word@{proxy}")
        monkeypatch.setenv("no_proxy", "127.0.0.1" if left_out else "")
        JsonCarrier(f"json://{at}/send?-to={{to}}").send(PHONE, LETTER, "key")

        (path, headers) = (calls if left_out else passed_on)[0][2:4]
        assert len(calls) + len(passed_on) == 1
        assert path == ("" if left_out else f"http://{at}") + "/send?to=%2B963944123456"
        assert headers.get("Proxy-Authorization") == (None if left_out else "Basic YSB1c2VyOndvcmQ=")


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_notice_goes_to_no_gateway_whose_certificate_nobody_signed_whom_we_trust(monkeypatch, tmp_path):
    authority, server = an_authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    with a_gateway(tls=context) as (at, calls):
        with pytest.raises(CarrierError) as refused:
            JsonCarrier(f"jsons://{at}/send?-to={{to}}").send(PHONE, LETTER, "key")
        assert (refused.value.outcome, calls) == (TryOutcome.UNREACHABLE, [])

        JsonCarrier(f"jsons://{at}/send?-to={{to}}&verify=no").send(PHONE, LETTER, "key")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        JsonCarrier(f"jsons://{at}/send?-to={{to}}").send(PHONE, LETTER, "key")
        assert len(calls) == 2


def test_a_file_of_certificates_that_is_not_there_lets_no_notice_leave(monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    for carrier in (JsonCarrier("jsons://127.0.0.1:9/{to}"), GovStackCarrier("govstacks://key@127.0.0.1:9/{to}")):
        with pytest.raises(CarrierError) as error:
            carrier.send(PHONE, LETTER, "key")
        assert error.value.outcome is TryOutcome.UNREACHABLE


def test_nobody_answers_at_a_port_where_nobody_listens():
    with pytest.raises(CarrierError) as error:
        JsonCarrier(f"json://127.0.0.1:{free_port()}/{{to}}").send(PHONE, LETTER, "key")
    assert error.value.outcome is TryOutcome.UNREACHABLE


def test_no_receiver_becomes_the_host_that_is_called():
    with pytest.raises(CarrierError):
        JsonCarrier("json://{to}/send").send("127.0.0.1", LETTER, "key")


@pytest.mark.parametrize("of_the_head", [True, False])
def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(monkeypatch, of_the_head):
    """Each byte began the time-out anew, and one notice held its sender for as long as the gateway liked."""
    ticks = count(step=bounded_http.WHOLE_SECONDS / 2.5)  # of the whole time: at its begin, the head, a byte, too late
    monkeypatch.setattr(bounded_http, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    hung_up, head = threading.Event(), b"HTTP/1.1 200 OK\r\n"

    def drip():
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65_536)
            connection.sendall(head if of_the_head else head + b"content-length: 65000\r\n\r\n")
            while not hung_up.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        pool.submit(drip)
        carrier = JsonCarrier(f"json://127.0.0.1:{listening.getsockname()[1]}/{{to}}")
        sending = ThreadPoolExecutor(1).submit(carrier.send, PHONE, LETTER, "key")
        try:
            error = sending.exception(timeout=60)
        finally:
            hung_up.set()

    assert (error.outcome if of_the_head else error) == (TryOutcome.TIMED_OUT if of_the_head else None)
