"""Fixtures: a man whom the conscription register lists, and a register in which he can be given papers."""

import dataclasses
import secrets
from datetime import date, timedelta

import pytest

from booking.country.core.register import Holding
from booking.people.registers.synthetic import CONSCRIPT_PREFIX
from booking.scheduling.draws import draw as draws
from tests.support.country import a_member, an_account
from tests.support.open_draws import open_a_draw


class Papers:
    """The synthetic register, and besides it what its agencies issued during a test."""

    def __init__(self, register):
        self._register, self.issued = register, {}

    def __getattr__(self, name):
        return getattr(self._register, name)

    def facts(self, number, grant):
        record = self._register.facts(number, grant)
        held = self.issued.get(number, ())
        return record and dataclasses.replace(record, held=record.held + tuple(held))


@pytest.fixture
def papers(country):
    return Papers(country.register)


@pytest.fixture
def core(country, papers):
    return dataclasses.replace(country, register=papers)


def conscript_number(core):
    while True:
        number = f"{CONSCRIPT_PREFIX}0{secrets.randbelow(10**8):08d}"
        record = core.register.made_of(number)
        if not record.application_pending and 0 <= record.passport_days_left(core.today()) <= 365:
            return number


@dataclasses.dataclass
class Man:
    core: object
    papers: Papers
    number: str
    account: object
    member: int

    def gets(self, service, *, issued: date, until: date | None):
        self.papers.issued.setdefault(self.number, []).append(Holding(service, issued, until))


@pytest.fixture
def man(core, papers):
    number, account = conscript_number(core), an_account(core)
    return Man(core, papers, number, account, a_member(core, account, name="كريم الخيالي", number=number))


@pytest.fixture
def a_draw(core, clock):
    """Announce and open a draw of a week that begins in six days; give a function that closes, draws and publishes."""

    def make(reference="d1"):
        first = open_a_draw(core, reference, days=7)

        def run():
            clock.advance(timedelta(days=1))
            draws.close(core, reference)
            draws.run(core, reference)
            draws.publish(core, reference)

        return first, run

    return make
