"""The running application, and a person at a screen in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import CDPSession, Page

from booking.country.core.core import Core
from booking.platform.base.clock import SettableClock
from booking.scheduling.draws import draw as draws
from tests.journeys.barriers import Kinds
from tests.support.open_draws import open_a_draw

PATIENCE = 90_000  # milliseconds; the machine may be busy


@dataclass
class Site:
    """The running application."""

    address: str
    core: Core
    clock: SettableClock

    def announce(self, reference: str) -> None:
        """Announce and open a draw that closes in a day."""
        open_a_draw(self.core, reference)

    def draw(self, reference: str) -> None:
        """Let its day pass, then close, run and publish it."""
        self.clock.advance(timedelta(days=1))
        draws.close(self.core, reference)
        draws.run(self.core, reference)
        draws.publish(self.core, reference)


class Screen:
    """A page whose own scripts never run, until somebody looks at it with axe, which needs some."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._let_scripts_run(run=False)

    def _let_scripts_run(self, *, run: bool) -> None:
        self._session.send("Emulation.setScriptExecutionDisabled", {"value": not run})

    @contextmanager
    def with_scripts(self) -> Iterator[None]:
        """Let scripts run that are started now; those of the page were passed over when it came."""
        self._let_scripts_run(run=True)
        yield
        self._let_scripts_run(run=False)


@dataclass
class Visitor:
    """A person at a screen; every page they see is checked."""

    page: Page
    site: Site
    kinds: Kinds
    screen: Screen | None = None
    seen: set[str] = field(default_factory=set)
    taps: int = 0

    @property
    def path(self) -> str:
        """Where they are."""
        return self.page.url.removeprefix(self.site.address)

    def open(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.site.address + path)
        self.look()

    def press(self, which: int = 0) -> None:
        """Press a button of the page's own forms."""
        self.page.locator("main button").nth(which).click()
        self.taps += 1
        self.look()

    def follow(self, selector: str) -> None:
        """Follow a link that is there to see; on a phone those beside a page of staff are in its menu."""
        links = self.page.locator(selector).locator("visible=true")
        if not links.count():
            self.page.locator(".folded summary").click()
        links.first.click()
        self.taps += 1
        self.look()

    def choose(self, selector: str, option: str) -> None:
        """Choose an option of a list."""
        self.page.select_option(selector, option)
        self.taps += 1

    def tick(self, selector: str, which: int = 0) -> None:
        """Tick a box, or take its tick away."""
        self.page.locator(selector).nth(which).click()
        self.taps += 1

    def look(self) -> None:
        """Check the page: no barrier that axe finds in its kind of page, nothing wider than the screen."""
        self.page.wait_for_load_state()
        with self.screen.with_scripts() if self.screen else nullcontext():
            report = self.kinds.report(self.page)
        assert not report, f"{self.path}\n{report}"
        self.seen.add(self.path)
