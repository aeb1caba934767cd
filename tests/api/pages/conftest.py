"""Fixtures of the page tests: a whole country whose notices can be read, and browsers."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.deps import LANGUAGE_COOKIE, session_cookie
from booking.country.core.core import Core
from booking.people.accounts.begin_session import log_in
from booking.platform.base.clock import SettableClock
from booking.platform.models import Account
from booking.platform.models.states import Role
from booking.scheduling.draws import draw as draws
from tests.api.pages.browser import SITE, Browser
from tests.support.country import a_colleague, an_analyst
from tests.support.open_draws import open_a_draw


@pytest.fixture
def core(open_on: Callable[..., Core], country_url: str) -> Core:
    """A whole country, with the outbox shown."""
    return open_on(country_url, show_outbox=True)


@pytest.fixture
def new_browser(app: FastAPI) -> Iterator[Callable[[], Browser]]:
    """Make one more browser that has not been here before."""
    clients = []

    def make() -> Browser:
        clients.append(TestClient(app, base_url=SITE, follow_redirects=False))
        return Browser(clients[-1].__enter__())

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    """One browser."""
    return new_browser()


@pytest.fixture
def sign_in(core: Core, new_browser: Callable[[], Browser]) -> Callable[[UUID], Browser]:
    """Sit a colleague down at a browser of their own, in a session that has just begun; no page is open yet."""

    def make(account: UUID) -> Browser:
        with core.sessions() as session:
            begun = log_in(core, session.get_one(Account, account), device="")
        return new_browser().given(session_cookie(core.settings), begun.token)

    return make


@pytest.fixture
def new_analyst(core: Core, sign_in: Callable[[UUID], Browser]) -> Callable[[], tuple[Browser, UUID]]:
    """Sit one more analyst down at a browser in English; give the browser and the account."""

    def make() -> tuple[Browser, UUID]:
        account_id = an_analyst(core)
        return sign_in(account_id).given(LANGUAGE_COOKIE, "en"), account_id

    return make


@pytest.fixture
def staff(core: Core, sign_in: Callable[[UUID], Browser]) -> Callable[..., Browser]:
    """Sign someone new of an office in."""

    def make(role: Role, office: str | None = "damascus") -> Browser:
        return sign_in(a_colleague(core, role, office=office))

    return make


@pytest.fixture
def a_draw(core: Core, clock: SettableClock) -> Callable[[], str]:
    """Announce and open a draw that closes in a day."""

    def make(reference: str = "2026-11-02") -> str:
        open_a_draw(core, reference)
        return reference

    return make


@pytest.fixture
def draw_it(core: Core, clock: SettableClock) -> Callable[[str], None]:
    """Close, run and publish a draw."""

    def make(reference: str) -> None:
        clock.advance(timedelta(days=1))
        draws.close(core, reference)
        draws.run(core, reference)
        draws.publish(core, reference)

    return make
