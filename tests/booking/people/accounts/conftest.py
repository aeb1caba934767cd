from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import select, text

from booking.country.core.messages import ABOUT_SECRET
from booking.country.core.security import Origin
from booking.entrypoints.demo.actor import do_what_was_asked
from booking.people.accounts.opening import confirm_phone, register
from booking.platform.base.clock import SettableClock
from booking.platform.models import Message
from booking.platform.models.states import Door

PASSWORD = "a turn for everyone"


@pytest.fixture
def clock(clock: SettableClock) -> SettableClock:
    clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))
    return clock


@pytest.fixture
def origin() -> Origin:
    return Origin("203.0.113.7", "amals-phone", 30.0)


@pytest.fixture
def last_code(core) -> Callable[[UUID], str]:
    """Read the code that an account was sent last."""

    def read(account_id: UUID, kind: str = "confirm_phone") -> str:
        do_what_was_asked(core)
        with core.sessions() as session:
            secrets = session.scalars(
                select(Message.secret)
                .where(Message.account_id == account_id, Message.kind == kind)
                .order_by(text("message.ctid"))  # the clock stands still, so the time does not tell which is last
            ).all()
        return core.vault.decrypt(secrets[-1], ABOUT_SECRET)

    return read


@pytest.fixture
def an_account(core, origin, last_code) -> Callable[..., UUID]:
    """Make an account, with its phone confirmed unless told otherwise."""
    numbers = count(1)

    def make(username: str = "amal", *, confirmed: bool = True) -> UUID:
        account_id = register(
            core,
            username=username,
            password=PASSWORD,
            phone=f"09331{next(numbers):05}",
            language="ar",
            door=Door.HOME,
            origin=origin,
        )
        if confirmed:
            confirm_phone(core, account_id=account_id, code=last_code(account_id))
        return account_id

    return make
