"""What people do on the pages, step by step."""

import re
import time
from datetime import timedelta
from uuid import UUID

from playwright.sync_api import Page

from api.deps import session_cookie
from booking.people.accounts.begin_session import log_in
from booking.platform.models import Account
from tests.journeys.visitor import PATIENCE, Visitor
from tests.support.country import PASSWORD, eligible_number, prove_newest_member


def wait_until(page: Page, script: str) -> None:
    """Wait until a script of the page gives true, as long as for everything else."""
    give_up_at = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(script):
        assert time.monotonic() < give_up_at, script
        page.wait_for_timeout(25)


def register(visitor: Visitor) -> None:
    """Open an account, with an empty form first, and confirm its phone."""
    page = visitor.page
    visitor.open("/register")
    visitor.press()
    assert page.locator("#error-summary a").count() == 3
    page.fill("#username", "amal")
    page.fill("#phone", "0944 123 456")
    page.fill("#password", PASSWORD)
    visitor.press()
    answer = page.request.get(f"{visitor.site.address}/outbox")
    page.fill("#code", re.search(r"\b(\d{6})\b", answer.text()).group(1))
    visitor.press()
    assert visitor.path == "/household"


def sign_in(visitor: Visitor, username: str) -> None:
    """Fill in the sign-in form that is open."""
    visitor.page.fill("#username", username)
    visitor.page.fill("#password", PASSWORD)
    visitor.press()


def come_signed_in(visitor: Visitor, account_id: UUID, path: str) -> None:
    """Open a page in a new session of an account, where how the session began is another journey's matter."""
    core = visitor.site.core
    with core.sessions() as session:
        begun = log_in(core, session.get_one(Account, account_id), device="")
    cookie = {"name": session_cookie(core.settings), "value": begun.token, "url": visitor.site.address}
    visitor.page.context.add_cookies([cookie])
    visitor.open(path)


def add_person(visitor: Visitor) -> None:
    """Add someone who may renew their passport."""
    page = visitor.page
    visitor.open("/household/add")
    page.fill("#name", "أمل الخيالية")
    page.fill("#national_number", eligible_number(visitor.site.core))
    for part, value in (("day", "17"), ("month", "5"), ("year", "1990")):
        page.fill(f"#birth_{part}", value)
    visitor.press()
    assert visitor.path == "/household"
    prove_newest_member(visitor.site.core)


def ask(visitor: Visitor) -> str:
    """Answer every question, send the request, and give its path."""
    visitor.open("/ask")
    visitor.follow('main a[href="/ask/begin/passport-renewal"]')
    visitor.tick("input[name=reason]")
    visitor.press()
    visitor.choose("#first", "damascus")
    visitor.choose("#second", "homs")
    visitor.tick("input[name=weekdays]", -1)
    visitor.press()
    assert visitor.path == "/ask/review"
    visitor.site.clock.advance(timedelta(minutes=2))
    visitor.press()
    return visitor.path.partition("?")[0]
