"""A web process that is told to end: who is connected, as a proxy is, loses no call."""

import socket

from tests.api.door.forked import a_forked_server
from tests.api.door.test_wire import GET, PATIENCE, answer
from tests.api.door.wire_app import HurriedHttp


class Leaving(HurriedHttp):
    """Leaves those who are connected five seconds for another call."""

    leaving_seconds = 5.0
    head_seconds = 60.0


def test_a_call_on_an_open_connection_is_answered_after_the_end_was_asked_for():
    with a_forked_server(Leaving) as server:
        idle, used = (socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(2))
        used.sendall(GET + b"\r\n")
        first = b""
        while not first.endswith(b"\r\n\r\n0"):
            first += used.recv(65_536)
        assert b"connection: close" not in first.lower()
        server.process.terminate()
        assert server.ends.wait(PATIENCE)

        used.sendall(GET + b"\r\n")
        last = answer(used)

        assert last.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in last.lower()
        assert answer(idle) == b""  # closed, and without a word
        server.process.join(PATIENCE)
        assert server.process.exitcode in {0, -15}
        used.close()
        idle.close()
