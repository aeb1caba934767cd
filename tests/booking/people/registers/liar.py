"""A register on this machine that does as it likes: it keeps what it was asked, and answers what a test tells it."""

import json
import socket
import threading
from contextlib import contextmanager, suppress

from tests.support.waiting import PATIENCE, ended

PAUSE = 0.01  # seconds


class Liar:
    """``answer`` is called with the connection and the question's body; ``asked`` are whole requests, as bytes."""

    def __init__(self, door, answer):
        self.address = f"http://127.0.0.1:{door.getsockname()[1]}"
        self.answer, self.asked, self.over = answer, [], threading.Event()

    def talk(self, connection):
        with connection, suppress(OSError):
            while not self.over.is_set() and (request := _request(connection)):
                self.asked.append(request)
                self.answer(self, connection, json.loads(request.partition(b"\r\n\r\n")[2]))


def _request(connection):
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65536)
        if not part:
            return b""
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def a_liar(answer):
    door = socket.create_server(("127.0.0.1", 0))
    liar, talking = Liar(door, answer), []

    def listen():
        with suppress(OSError):
            while True:
                connection, _ = door.accept()
                talking.append((connection, threading.Thread(target=liar.talk, args=(connection,))))
                talking[-1][1].start()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield liar
    finally:
        liar.over.set()
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        ended(listener)
        for connection, thread in talking:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            ended(thread)


def sends(body, *, status="200 OK", kind="application/json", more=""):
    """Answer at once, with a whole HTTP answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(_liar, connection, _question):
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\n{more}\r\n"
        connection.sendall(head.encode() + content)

    return answer


def says_nothing(liar, _connection, _question):
    assert liar.over.wait(PATIENCE)


def hangs_up(_liar, connection, _question):
    connection.shutdown(socket.SHUT_RDWR)


def trickles(liar, connection, _question):
    """Send a byte now and then, so that each wait for the next one is short."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n")
    while not liar.over.wait(PAUSE):
        connection.sendall(b" ")


def never_ends(liar, connection, _question):
    """Send an answer in pieces without saying how long it is."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    while not liar.over.is_set():
        connection.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")


def in_pieces(body):
    """Send a whole answer without saying ahead how long it is."""

    def answer(_liar, connection, _question):
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        connection.sendall(head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")

    return answer


def breaks_off(_liar, connection, _question):
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{")
    connection.shutdown(socket.SHUT_RDWR)


def speaks_another_protocol(_liar, connection, _question):
    connection.sendall(b"220 mail.example ESMTP\r\n")
    connection.shutdown(socket.SHUT_RDWR)
