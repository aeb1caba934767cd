"""The stand-in register on a port of this machine, in a thread, and lines to it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.stand_in_register import create_register
from booking.core.register import Register
from booking.registers.line import Line, Patience

TOKEN = "a-token-for-the-tests"
PATIENT = Patience(connect=30, silence=30, whole=30)


@contextmanager
def serving(register: Register) -> Iterator[str]:
    """Serve a register; yield its address."""
    server = uvicorn.Server(uvicorn.Config(create_register(register, token=TOKEN), ws="none", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def a_line(address: str, *, patience: Patience = PATIENT, token: str = TOKEN) -> Iterator[Line]:
    """Open a line to an address."""
    line = Line(address, tls=ssl.create_default_context(), token=token, patience=patience)
    try:
        yield line
    finally:
        line.close()
