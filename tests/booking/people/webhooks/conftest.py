import pytest

from tests.support.receivers import a_receiver


@pytest.fixture
def receiver():
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def country(open_on, country_url):
    """A country that may send to this machine."""
    return open_on(country_url, webhook_plain=True)
