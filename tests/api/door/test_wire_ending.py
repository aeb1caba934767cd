"""A web process that is told to end: who is connected, as a proxy is, loses no call."""

import socket

import pytest

from tests.api.door.forked import a_forked_server
from tests.api.door.test_wire import GET, PATIENCE, answer
from tests.api.door.wire_app import PatientHttp


class Leaving(PatientHttp):
    """Leaves those who are connected a moment for another call."""

    leaving_seconds = 0.2


def used(port):
    """Return a connection on which a call was answered, and which stays open."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.sendall(GET + b"\r\n")
    first = b""
    while not first.endswith(b"\r\n\r\n0"):
        first += connection.recv(65_536) or pytest.fail("the connection ended")
    assert b"connection: close" not in first.lower()
    return connection


def test_a_call_on_an_open_connection_is_answered_after_the_end_was_asked_for():
    with a_forked_server(PatientHttp) as server, used(server.port) as connection:
        server.process.terminate()
        assert server.ends.wait(PATIENCE)

        connection.sendall(GET + b"\r\n")
        last = answer(connection)

        assert last.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in last.lower()


def test_an_idle_connection_is_closed_without_a_word_and_the_process_ends():
    with a_forked_server(Leaving) as server, used(server.port) as idle:
        server.process.terminate()

        assert answer(idle) == b""
        server.process.join(PATIENCE)
        assert server.process.exitcode in {0, -15}
