import pytest

from booking.opening import open_core
from tests.country import cheap_settings
from tests.receivers import a_receiver
from tests.roles import as_app


@pytest.fixture
def receiver():
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def country(country_url, redis_url, clock):
    """A country that may send to this machine."""
    settings = cheap_settings(webhook_plain=True)
    with open_core(settings, database_url=as_app(country_url), redis_url=redis_url, clock=clock) as core:
        yield core
