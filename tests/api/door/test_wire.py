"""A real web server and raw sockets: no head, no body and no silence is without an end."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from api.door.wire import LARGEST_HEAD, LINGER_BYTES, MOST_FIELDS, BoundedHttp
from tests.api.door.forked import a_forked_server
from tests.api.door.wire_app import LARGE, HurriedHttp, PatientHttp

PATIENCE = 30.0
MOST_TRIES = 100
GET = b"GET / HTTP/1.1\r\nhost: x\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\n"


@contextmanager
def connecting(http: type[BoundedHttp]) -> Iterator[Callable[[], socket.socket]]:
    opened = []
    with a_forked_server(http) as server:

        def make() -> socket.socket:
            opened.append(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            return opened[-1]

        yield make
        for one in opened:
            one.close()


@pytest.fixture(scope="module")
def connect() -> Iterator[Callable[[], socket.socket]]:
    """Open connections to a server that waits for everybody."""
    with connecting(PatientHttp) as make:
        yield make


@pytest.fixture(scope="module")
def connect_in_haste() -> Iterator[Callable[[], socket.socket]]:
    """Open connections to a server that gives everything half a second."""
    with connecting(HurriedHttp) as make:
        yield make


def send_all(connection: socket.socket, *pieces: bytes) -> int:
    """Send until the server wants no more, and tell how much it took."""
    sent = 0
    try:
        for piece in pieces:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


def answer(connection: socket.socket) -> bytes:
    """Read until the server closes; a reset is an end as well."""
    read = bytearray()
    try:
        while some := connection.recv(65_536):
            read += some
    except ConnectionResetError:
        pass
    return bytes(read)


def status(connection: socket.socket) -> int:
    return int(answer(connection).split(b" ", 2)[1])


def begun(connect_in_haste: Callable[[], socket.socket], said: bytes, *, deaf: bool = False) -> socket.socket:
    """Return a connection on which the answer to what was sent at once has begun.

    Whom a busy machine keeps from sending for half a second is left without a word, and tries again.
    """
    for _ in range(MOST_TRIES):
        one = connect_in_haste()
        if deaf:  # or this machine's kernel takes all that is sent
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        with suppress(ConnectionResetError):
            if send_all(one, said) and one.recv(1, socket.MSG_PEEK):
                return one
    raise AssertionError("nobody was answered")


def test_usual_requests_on_one_connection_are_answered(connect):
    one = connect()
    one.sendall(GET + b"\r\n" + POST + b"content-length: 3\r\n\r\nabc")
    one.sendall(POST + b"transfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 5_000 + b"0\r\n\r\n")
    read = b""
    while not read.endswith(b"\r\n\r\n5000"):
        read += one.recv(65_536) or pytest.fail("the connection ended")

    assert read.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x: " + b"a" * LARGEST_HEAD + b"\r\n\r\n",
        GET + b"x: y\r\n" * MOST_FIELDS + b"\r\n",
        b"GET /" + b"a" * LARGEST_HEAD + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\r\n" * LARGEST_HEAD,
        b"GET /\r\n" + b"a" * LARGEST_HEAD,
    ],
    ids=["long field", "many fields", "long address", "only line ends", "no head at all"],
)
def test_a_head_that_is_too_large_is_refused(connect, head):
    one = connect()
    send_all(one, head)

    assert status(one) in {400, 431}


def test_twenty_megabytes_of_head_are_not_read(connect):
    one = connect()
    send_all(one, GET, *[b"x: " + b"a" * 65_000 + b"\r\n"] * 320, b"\r\n")

    assert status(one) == 431


def test_an_endless_trailer_is_cut_off(connect):
    one = connect()
    sent = send_all(one, POST + b"transfer-encoding: chunked\r\n\r\n0\r\n", *[b"x: " + b"a" * 65_000 + b"\r\n"] * 2_000)

    assert sent < 130_000_000
    assert b"200 OK" not in answer(one)


@pytest.mark.parametrize(
    "begins",
    [
        *(b"GE", GET, GET + b"x: "),
        *(POST + b"content-length: 10\r\n\r\nabc", POST + b"transfer-encoding: chunked\r\n\r\n3"),
        POST.replace(b"/ ", b"/sent ") + b"content-length: 9\r\n\r\na=1",
    ],
    ids=["a word", "a head", "a field", "a body", "a chunk", "a form that is turned away"],
)
def test_a_slow_head_or_body_ends_the_connection(connect_in_haste, begins):
    assert status(begun(connect_in_haste, begins)) == 408


def test_who_says_nothing_is_left_without_a_word(connect_in_haste):
    assert answer(connect_in_haste()) == b""


def test_three_hundred_slow_heads_and_bodies_are_all_closed(connect_in_haste):
    slow = [connect_in_haste() for _ in range(300)]
    for number, one in enumerate(slow):
        send_all(one, GET if number % 2 else POST + b"content-length: 9\r\n\r\n")

    # Who could not even begin in time is left without a word.
    assert {answer(one)[:13] for one in slow} <= {b"HTTP/1.1 408 ", b""}


def test_an_early_answer_is_read_and_the_rest_of_the_body_is_cut_off(connect):
    one = connect()
    head = b"POST /early HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (4 * LINGER_BYTES)
    one.sendall(head)
    assert one.recv(65_536).startswith(b"HTTP/1.1 200")

    assert send_all(one, *[bytes(1 << 20)] * 128) < 2 * LINGER_BYTES


@pytest.mark.slow
def test_a_client_that_does_not_read_is_dropped_and_one_that_reads_is_not(connect_in_haste):
    alone = b"connection: close\r\n\r\n"
    deaf = begun(connect_in_haste, GET.replace(b"/", b"/deaf", 1) + alone, deaf=True)
    # Whom a busy machine keeps from reading for a second is dropped as well, and tries again.
    heard = (answer(begun(connect_in_haste, GET.replace(b"/", b"/large", 1) + alone)) for _ in range(MOST_TRIES))

    assert any(len(one) > LARGE for one in heard)
    assert status(begun(connect_in_haste, GET.replace(b"/", b"/ended", 1) + alone)) == 200
    assert len(answer(deaf)) < LARGE


@pytest.mark.parametrize("hosts", [b"", b"host: x\r\nhost: y\r\n"], ids=["none", "two"])
def test_a_request_without_exactly_one_host_is_refused(connect, hosts):
    one = connect()
    one.sendall(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")

    assert status(one) == 400


def test_a_request_smuggled_in_an_early_answered_body_is_ignored(connect):
    """Nor is the one after the body lost."""
    one, within = connect(), GET.replace(b"/", b"/large", 1) + b"\r\n"
    one.sendall(b"POST /early HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(within))
    one.sendall(within + GET + b"connection: close\r\n\r\n")

    assert answer(one).count(b"HTTP/1.1 200") == 2


def test_a_call_that_is_turned_away_leaves_the_connection_as_it_was(connect):
    one, crowded = connect(), GET.replace(b"/ ", b"/crowded ")
    for sent, end in ((crowded, b"long"), (GET, b"0"), (crowded, b"long")):
        one.sendall(sent + b"\r\n")
        read = b""
        while not read.endswith(b"\r\n\r\n" + end):
            read += one.recv(65_536) or pytest.fail("the connection ended")
    one.sendall(crowded.replace(b"host", b"connection: close\r\nhost") + b"\r\n")

    assert answer(one).endswith(b"long")


def test_a_form_that_is_turned_away_comes_back_whole_however_it_was_cut(connect):
    one = connect()
    for pieces in ((b"a=1&b=2",), (b"c=", b"3", b"&d=4567")):
        one.sendall(POST.replace(b"/ ", b"/sent ") + b"content-length: %d\r\n\r\n" % sum(map(len, pieces)))
        for piece in pieces:
            one.sendall(piece)
        read = b""
        while not read.endswith(b"\r\n\r\n" + b"".join(pieces)):
            read += one.recv(65_536) or pytest.fail("the connection ended")


def test_what_is_sent_behind_a_call_that_is_turned_away_ends_the_connection(connect):
    one = connect()
    one.sendall((GET.replace(b"/ ", b"/crowded ") + b"\r\n") * 2)

    assert answer(one).count(b"HTTP/1.1") <= 1


def test_who_has_left_is_known_to_have_left(connect):
    leaves = connect()
    leaves.sendall(GET.replace(b"/ ", b"/waits ") + b"\r\n")
    for path, said in ((b"/here ", b"0"), (b"/left ", b"[False, True]")):
        asks = connect()
        asks.sendall(GET.replace(b"/ ", path) + b"connection: close\r\n\r\n")
        assert answer(asks).endswith(b"\r\n\r\n" + said)
        leaves.close()
