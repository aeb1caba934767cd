"""A provider on this machine, a core that sends by it, and a country in which a draw has served somebody."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, select

from booking.country.core.core import Core
from booking.country.core.register import open_phone
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.models import Account, Appointment
from booking.scheduling.draws import draw as draws
from tests.support.country import START, a_request, cheap_settings
from tests.support.gateway import a_gateway
from tests.support.open_draws import open_a_draw


class Drawn(NamedTuple):
    """A database that is copied, and what a draw offered in it, of which nobody has been told yet."""

    database: str
    account: UUID
    reference: str
    now: datetime


@pytest.fixture(scope="module")
def _drawn(new_country, _databases, _servers) -> Iterator[Drawn]:
    """Draw once for all tests of a file that begin with an offer."""
    for url in _databases.until_dropped(new_country()):
        clock = SettableClock(START)
        redis_url = f"{_servers[1].url}?db=15"
        with open_core(cheap_settings(), database_url=url, redis_url=redis_url, clock=clock) as core:
            open_a_draw(core, "d1")
            account, _ = a_request(core)
            clock.advance(timedelta(days=1))
            for step in (draws.close, draws.run, draws.publish):
                step(core, "d1")
            with core.sessions() as session:
                reference = session.scalars(select(Appointment.reference)).one()
        yield Drawn(str(make_url(url).database), account, reference, clock.now())


@pytest.fixture
def country_url(request, new_country, _databases) -> Iterator[str]:
    """A database of this test alone: where it begins with an offer, one in which that has been made."""
    made = _databases.copy(request.getfixturevalue("_drawn").database) if "offer" in request.fixturenames else None
    yield from _databases.until_dropped(made or new_country())


@pytest.fixture(scope="session")
def _provider():
    with a_gateway() as gateway:
        yield gateway


@pytest.fixture
def gateway(_provider):
    """The provider, with nothing taken yet."""
    _provider.taken, _provider.answers, _provider.asked = [], [], 0
    return _provider


def with_settings(core: Core, **changes: object) -> Core:
    """Change settings of a core that is open."""
    object.__setattr__(core, "settings", core.settings.model_copy(update=changes))
    return core


@pytest.fixture
def reached(core, gateway):
    """A core whose text messages go to the provider."""
    return with_settings(core, gateway_sms=SecretStr(gateway.url()))


def phone_of(core: Core, account_id) -> str:
    """The phone of an account."""
    with core.sessions() as session:
        return open_phone(core.vault, session.get_one(Account, account_id))
