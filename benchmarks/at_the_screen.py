"""What `pictures.py` and `taps.py` share: a browser before a running demonstration, and who may sign in there.

Both know pages by addresses, names of fields and classes that forms have had since the beginning, not by words, so that
they run on a version of yesterday and on one of tomorrow. Everything is asked over HTTP.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from shutil import which
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from booking.entrypoints.demo.actor import PASSWORD

PATIENCE: Final = 120_000  # milliseconds; a machine may be busy
_ACCOUNT: Final = re.compile(r"^(\S+)\s+([a-z]+-[a-z]+-[a-z]+(?:-\d\d)?)\s+http", re.MULTILINE)
_USERS: Final = range(1, 120)
_NOTICES_OF_WHO_LOST: Final = 4  # a code, that the request is in, and two draws


class NotThereError(Exception):
    """The demonstration has nothing of the kind that is looked for."""


def accounts_said(said: Path) -> dict[str, str]:
    """Return the ready accounts' passwords by user name, from what ``./run demo`` printed."""
    return dict(_ACCOUNT.findall(said.read_text(encoding="utf-8")))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium, or else Playwright's own."""
    found = which("chromium-headless-shell") or which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def a_screen(browser: Browser, address: str, language: str, **screen: Any) -> BrowserContext:
    """Return a browser's window of its own, in a language."""
    context = browser.new_context(reduced_motion="reduce", **screen)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/language/{language}")
    page.close()
    return context


def sign_in(page: Page, address: str, username: str, accounts: Mapping[str, str]) -> None:
    """Sign in by the form; whoever is not among ``accounts`` was made up by the play, which gave all one password."""
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", accounts.get(username, PASSWORD))
    page.locator("main form[method=post] button").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def leads(page: Page, pattern: str) -> list[str]:
    """Return the addresses of a page's links in the order of the page, of those that match a pattern in full."""
    found = [str(one) for one in page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")]
    return [unescape(one) for one in dict.fromkeys(found) if re.fullmatch(pattern, one)]


def a_lost_request(page: Page, address: str, accounts: Mapping[str, str]) -> str:
    """Sign in as somebody whom a draw left without a place; return the request's address.

    Raises
    ------
    NotThereError
        Nobody among the first people of the play lost and still has a request.
    """
    for number in _USERS:
        page.goto(f"{address}/outbox?username=user{number}")
        if page.locator("main ul.cards > li").count() < _NOTICES_OF_WHO_LOST:
            continue
        page.context.clear_cookies(name=re.compile("session"))
        sign_in(page, address, f"user{number}", accounts)
        page.goto(f"{address}/me")
        for request in leads(page, r"/requests/\w+"):
            page.goto(address + request)
            if leads(page, r"/requests/\w+/receipt\.json") and not leads(page, r"/appointments/\w+"):
                return request
    raise NotThereError("nobody lost a draw")


def a_paper(folder: Path) -> Path:
    """Write a photograph of a paper, which forms ask for."""
    path = folder / "paper.jpg"
    Image.new("RGB", (600, 400), (120, 80, 40)).save(path)
    return path
