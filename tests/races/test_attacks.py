"""The site as it is served, attacked by raw sockets: whoever is refused is refused before much was read."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

from tests.races.conftest import PATIENCE

LENGTH = 32 << 20
TAKES_A_FILE = "/api/v1/online/cases/7K2M9D4QX/papers/registration"


def connect(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=PATIENCE)


def test_huge_bodies_of_strangers_are_refused_before_they_are_sent(address):
    with ExitStack() as stack:
        strangers = [stack.enter_context(connect(address)) for _ in range(4)]
        for one, how in zip(strangers, (f"content-length: {LENGTH}", "transfer-encoding: chunked") * 2, strict=True):
            head = f"POST {TAKES_A_FILE} HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\n{how}\r\n\r\n"
            one.sendall(head.encode() + b"8000\r\n" + bytes(1000))
        answers = [one.recv(65_536) for one in strangers]

    assert {answer.split(b" ", 2)[1] for answer in answers} == {b"401"}
    assert all(b"application/problem+json" in answer for answer in answers)


def test_twenty_megabytes_of_head_are_refused(address):
    with connect(address) as one:
        one.sendall(b"GET /how HTTP/1.1\r\nhost: x\r\n")
        try:
            for _ in range(320):
                one.sendall(b"x: " + b"a" * 65_000 + b"\r\n")
        except OSError:
            pass  # it wants no more
        answer = one.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 431 ")
