"""A country in which a broker's accounts have asked, for tests that begin with their ring."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import make_url

from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from tests.booking.antifraud.linking.people import a_ring
from tests.support.country import START, cheap_settings


class Asked(NamedTuple):
    """A database that is copied, and the broker's accounts in it."""

    database: str
    accounts: list[UUID]


@pytest.fixture(scope="session")
def _asked(new_country, _databases, _servers) -> Iterator[Asked]:
    """Have a broker ask once for all tests that begin with a ring: eighteen requests take a third of a second."""
    settings, redis_url = cheap_settings(database_pooled=False), f"{_servers[1].url}?db=15"
    for url in _databases.until_dropped(new_country()):
        with open_core(settings, database_url=url, redis_url=redis_url, clock=SettableClock(START)) as core:
            accounts = a_ring(core, 9)
        yield Asked(str(make_url(url).database), accounts)


@pytest.fixture
def country_url(request, new_country, _databases) -> Iterator[str]:
    """A database of this test alone: where it begins with a ring, one in which its accounts have asked."""
    made = _databases.copy(request.getfixturevalue("_asked").database) if "ring" in request.fixturenames else None
    yield from _databases.until_dropped(made or new_country())
