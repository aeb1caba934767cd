"""What `pictures.py` takes for handbooks: pages of staff in the middle of their work, each on one screen alone."""

from typing import Any, Final

from playwright.sync_api import Page

DESK: Final = "en-desk"
TABLET: Final = "ar-tablet"
_PATIENCE: Final = 60  # seconds for a computation in the background


def of_counter(gallery: Any) -> None:
    """Take the counter when somebody was checked in, with a network and without."""
    with gallery.sitting("officer", TABLET) as page:
        page.goto(gallery.address + "/desk/today", wait_until="networkidle")
        with page.expect_navigation():
            _check_in(page)
        gallery.shoot("counter", TABLET, page)
        page.goto(gallery.address + "/desk/today", wait_until="networkidle")
        page.context.set_offline(offline=True)
        page.locator("#text").fill(page.locator("main tbody a").last.inner_text())
        page.locator("#text").press("Enter")
        page.wait_for_timeout(3_000)
        _check_in(page)
        page.wait_for_timeout(2_000)
        page.evaluate("scrollTo(0, 0)")
        gallery.shoot("counter-offline", TABLET, page)


def of_workbench(gallery: Any) -> None:
    """Take the editor of rules, a row of quotas that lacks something, what a draft would have meant, and the map."""
    with gallery.sitting("analyst", DESK) as page:
        _edit(gallery, page, "/analyst/rules")
        page.locator("main textarea").first.scroll_into_view_if_needed()
        gallery.shoot("rules", DESK, page)
        _edit(gallery, page, "/analyst/quotas")
        gallery.shoot("quotas-what-if", DESK, _tried(gallery, page))
    with gallery.sitting("analyst", TABLET) as page:
        _edit(gallery, page, "/analyst/quotas")
        page.goto(gallery.address + gallery.first(page, _here(gallery, page), r".*/rows/[^/]+"))
        share = page.locator("main input[type=number], main input[inputmode]").first
        share.fill("10")
        with page.expect_navigation():
            page.locator("main form[method=post] button.quiet").last.click(no_wait_after=True)
        gallery.shoot("quotas-row", TABLET, page)
        gallery.take("quotas-map", TABLET, page, "/analyst/quotas/map")


def of_watching(gallery: Any) -> None:
    """Take how a supervisor sees officers decide."""
    with gallery.sitting("supervisor", DESK) as page:
        gallery.take("watch", DESK, page, "/desk/watch")


def _check_in(page: Page) -> None:
    """Check in somebody whose time is about now: the first are late, the last early."""
    buttons = page.locator("main tbody button").all()
    buttons[len(buttons) // 3].click(no_wait_after=True)


def _here(gallery: Any, page: Page) -> str:
    return page.url.removeprefix(gallery.address)


def _edit(gallery: Any, page: Page, path: str) -> None:
    """Begin a draft of the active version."""
    page.goto(gallery.address + path)
    with page.expect_navigation():
        page.locator(f"main form[action='{path}/drafts'] button").first.click(no_wait_after=True)


def _tried(gallery: Any, page: Page) -> Page:
    """Look at the draft on past draws, and wait until a worker has."""
    page.goto(gallery.address + gallery.first(page, _here(gallery, page), r".*/what-if\?draft=[^&]+"))
    with page.expect_navigation():
        page.locator("main form[method=post] button").first.click(no_wait_after=True)
    for _ in range(_PATIENCE):
        if page.locator("main table").count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    return page


PARTS: Final = (of_counter, of_workbench, of_watching)
