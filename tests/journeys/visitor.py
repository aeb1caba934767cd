"""The running application, and a person at a screen in front of it."""

from dataclasses import dataclass, field
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from booking.base.clock import SettableClock
from booking.core.core import Core
from booking.draws import draw as draws
from tests.journeys.skeleton import SKELETON
from tests.open_draws import open_a_draw

PATIENCE = 90_000  # milliseconds; the machine may be busy
WITHOUT_BARRIERS: set[str] = set()
"""Kinds of pages in which axe found nothing, in all journeys of this process."""


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


@dataclass
class Visitor:
    """A person at a screen; every page they see is checked.

    axe itself needs scripts. Where the person has none, the page as it came is shown to ``inspector``, a second
    screen of the same size that has them.
    """

    page: Page
    inspector: Page
    site: Site
    axe: Axe = field(default_factory=Axe)
    seen: set[str] = field(default_factory=set)

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
        self.look()

    def follow(self, selector: str) -> None:
        """Follow a link."""
        self.page.locator(selector).first.click()
        self.look()

    def look(self) -> None:
        """Check the page: no barrier that axe finds in its kind of page, nothing wider than the screen."""
        self.page.wait_for_load_state()
        if self.inspector is not self.page:
            self.inspector.set_content(self.page.content())
        kind = self.kind()
        if kind not in WITHOUT_BARRIERS:
            results = self.axe.run(self.inspector)
            assert results.violations_count == 0, f"{self.path}\n{results.generate_report()}"
            WITHOUT_BARRIERS.add(kind)
        wide = self.inspector.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.path} is {wide} pixels wider than the screen"
        self.seen.add(self.path)

    def kind(self) -> str:
        """Tell pages apart as axe does: by skeleton, size and colours."""
        return self.inspector.evaluate(
            f"""() => [
              ({SKELETON})(document.documentElement),
              innerWidth, devicePixelRatio, getComputedStyle(document.documentElement).fontSize,
              matchMedia("(prefers-color-scheme: dark)").matches,
            ].join()"""
        )
