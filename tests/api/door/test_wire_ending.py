"""A web process that is told to end: who is connected, as a proxy is, loses no call."""

import socket
import subprocess
import sys

from tests.api.door.test_wire import GET, PATIENCE, answer
from tests.root import ROOT

ENDING = """
from tests.api.door import wire_app
import uvicorn
wire_app.HurriedHttp.leaving_seconds = 5.0
wire_app.HurriedHttp.head_seconds = 60.0
uvicorn.run(wire_app.app, port={port}, ws="none", lifespan="off", http=wire_app.HurriedHttp)
"""


def test_a_call_on_an_open_connection_is_answered_after_the_end_was_asked_for():
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    command = [sys.executable, "-c", ENDING.format(port=port)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stderr=subprocess.PIPE) as server:
        assert any("running on" in line for line in server.stderr)
        idle, used = (socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(2))
        used.sendall(GET + b"\r\n")
        first = b""
        while not first.endswith(b"\r\n\r\n0"):
            first += used.recv(65_536)
        assert b"connection: close" not in first.lower()
        server.terminate()
        assert any("Shutting down" in line for line in server.stderr)

        used.sendall(GET + b"\r\n")
        last = answer(used)

        assert last.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in last.lower()
        assert answer(idle) == b""  # closed, and without a word
        assert server.wait(PATIENCE) in {0, -15}
        used.close()
        idle.close()
