"""A provider on this machine, and a core that sends by it."""

import pytest
from pydantic import SecretStr

from booking.core.core import Core
from booking.core.sealed import open_phone
from booking.models import Account
from tests.gateway import a_gateway


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
