"""A register in this process, and the same one behind the stand-in's pages on this machine."""

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from api.stand_in_register import create_register
from booking.core.register_calls import RegisterCalls
from booking.registers.book import Enrolled
from booking.registers.http import HttpRegister
from booking.registers.line import Line, Patience
from booking.registers.synthetic import SyntheticRegister
from tests.booking.registers.people import CHILD, DEAD, MOTHER, NO_PHONE

TOKEN = "a token for the tests"
PATIENT = Patience(connect=30, silence=30, whole=30)


@contextmanager
def a_line(address, *, patience=PATIENT, token=TOKEN):
    line = Line(address, tls=ssl.create_default_context(), token=token, patience=patience)
    try:
        yield line
    finally:
        line.close()


@pytest.fixture
def invented(clock):
    register = SyntheticRegister(clock, ["damascus", "homs"])
    register.enrol(MOTHER.number, Enrolled(MOTHER.name, MOTHER.birth_date))
    register.enrol(CHILD.number, Enrolled(CHILD.name, CHILD.birth_date, guardians=(MOTHER.number,)))
    register.enrol(NO_PHONE.number, Enrolled(NO_PHONE.name, NO_PHONE.birth_date, phone=False))
    register.enrol(DEAD.number, Enrolled(DEAD.name, DEAD.birth_date, dead=True))
    return register


@pytest.fixture
def served(invented):
    """The address of the stand-in that serves the invented people."""
    server = uvicorn.Server(uvicorn.Config(create_register(invented, token=TOKEN), ws="none", log_config=None))
    door = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        door.close()


@pytest.fixture
def calls():
    return RegisterCalls()


@pytest.fixture
def over_http(served, clock, calls):
    with a_line(served) as line:
        yield HttpRegister(line, clock, calls)
