"""A real browser on a real server: the application in a thread, and Chromium."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from api.deps import LANGUAGE_COOKIE
from api.main import create_app
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import SecondFactor
from tests.journeys.barriers import Kinds, with_axe
from tests.journeys.serving import Serving, a_server
from tests.journeys.visitor import PATIENCE, Screen, Site, Visitor
from tests.support.country import cheap_settings

CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server() -> Iterator[Serving]:
    """One server for all journeys of a worker."""
    with a_server() as server:
        yield server


@pytest.fixture
def site(server: Serving, country_url: str, redis_url: str, clock: SettableClock) -> Iterator[Site]:
    """The application on a whole country, served at the worker's address."""
    settings = cheap_settings(show_outbox=True, base_url=server.address)
    with (
        open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core,
        server.serving(with_axe(create_app(core))),
    ):
        yield Site(server.address, core, clock)


@pytest.fixture
def named_site(site: Site) -> Site:
    """The site under a name, for passkeys know no addresses of numbers; the second step is required."""
    site.address = site.address.replace("127.0.0.1", "localhost")
    changes = {"staff_second_factor": SecondFactor.REQUIRED, "base_url": site.address}
    object.__setattr__(site.core, "settings", site.core.settings.model_copy(update=changes))
    return site


@pytest.fixture(scope="session")
def started_chromium(browser_path: str | None) -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """One Chromium for all journeys of a worker, at rest, and the event loop that drives it; without one, none runs.

    Playwright says that its loop runs in this thread from its start to its end; then no other could run here.
    """
    with ExitStack() as stack:
        try:
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM)
        except Error as missing:
            if "CI" in os.environ:
                raise
            pytest.skip(f"no browser: {missing}")
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield browser, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def chromium(started_chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The worker's Chromium, in the hands of this test."""
    browser, loop = started_chromium
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def kinds(_run_folder: Path) -> Kinds:
    """The kinds of pages that any worker of this run found without barriers."""
    return Kinds(_run_folder / "without-barriers")


@pytest.fixture
def visit(chromium: Browser, site: Site, kinds: Kinds) -> Iterator[Callable[..., Visitor]]:
    """Sit down at a screen of some width, in light or dark, with or without JavaScript."""
    contexts = []

    def sit_down(*, language: str, width: int, dark: bool = False, scripts: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 720},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": site.address}])
        page = context.new_page()
        return Visitor(page, site, kinds, None if scripts else Screen(page))

    yield sit_down
    for context in contexts:
        context.close()
