"""The stand-in register on a port of this machine, in a thread, and lines to it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from api.stand_in_register import create_register
from booking.country.core.register import Register
from booking.people.registers.line import Line, Patience
from tests.support.waiting import ended

TOKEN = "a-token-for-the-tests"
PATIENT = Patience(connect=30, silence=30, whole=30)


@contextmanager
def serving(register: Register, *, certificate: Path | None = None) -> Iterator[str]:
    """Serve a register; yield its address. Where it has a certificate, callers must show the same one."""
    tls = (
        {}
        if certificate is None
        else {"ssl_certfile": certificate, "ssl_ca_certs": str(certificate), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    )
    app = create_register(register, token=TOKEN)
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, **tls))
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield f"http{'s' if certificate else ''}://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            ended(thread)


@contextmanager
def a_line(address: str, *, patience: Patience = PATIENT, token: str = TOKEN) -> Iterator[Line]:
    """Open a line to an address."""
    line = Line(address, tls=ssl.create_default_context(), token=token, patience=patience)
    try:
        yield line
    finally:
        line.close()
