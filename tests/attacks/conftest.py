"""Somebody with an account, a browser that it knows, and strangers who know the user name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from booking.accounts import known_devices
from booking.accounts.register import confirm_phone, register
from booking.accounts.sign_in import sign_in
from booking.base.clock import SettableClock
from booking.core.core import Core
from booking.core.origin import Origin
from booking.models.states import Door
from tests.country import PASSWORD, last_secret

NETWORKS = count(1)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 11, 24, 8, tzinfo=UTC))


@pytest.fixture
def amal(core: Core) -> Origin:
    """Where Amal is: a browser in which she has signed in once."""
    here = Origin("203.0.113.7", "amals-phone", 30.0)
    account_id = register(
        core, username="amal", password=PASSWORD, phone="0933112233", language="ar", door=Door.HOME, origin=here
    )
    confirm_phone(core, account_id=account_id, code=last_secret(core, account_id, "confirm_phone"))
    login = sign_in(core, username="amal", password=PASSWORD, origin=here)
    token = known_devices.remember(core, account_id=login.account_id, token="", words="Firefox, Android")
    return Origin(here.network, here.device, here.seconds, known=token)


@pytest.fixture
def strangers() -> Iterator[Origin]:
    """Browsers of people who never signed in: ever another network and device."""
    return (Origin(f"198.51.{n % 200}.{n % 250}", f"stranger {n}", 5.0) for n in NETWORKS)
