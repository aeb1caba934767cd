"""A register in this process, and the same one behind the stand-in's pages on this machine."""

import pytest

from booking.country.core.register import RegisterCalls
from booking.people.registers.http import HttpRegister
from tests.booking.people.registers.people import invented_people
from tests.support.stand_in import a_line, serving


@pytest.fixture
def invented(clock):
    return invented_people(clock)


@pytest.fixture
def calls():
    return RegisterCalls()


@pytest.fixture
def over_http(invented, clock, calls):
    with serving(invented) as address, a_line(address) as line:
        yield HttpRegister(line, clock, calls)
