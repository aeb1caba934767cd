"""Steps that people take in a browser, shared by several tests."""

import re
from datetime import timedelta

from booking.core.core import Core
from booking.demo.actor import do_what_was_asked
from tests.api.pages.browser import Browser
from tests.country import PASSWORD, eligible_number, prove_newest_member


def last_code(browser: Browser, username: str) -> str:
    """Read the code from the last notice to a user, as the demonstration's outbox shows it."""
    do_what_was_asked(browser.client.app.state.core)
    page = browser.client.get("/outbox", params={"username": username}).text
    return re.search(r"\b(\d{6})\b", page).group(1)


def register(browser: Browser, username: str = "amal", phone: str = "0944 123 456", door: str = "home") -> None:
    """Open an account and confirm its phone."""
    browser.go(f"/register?door={door}").send(username=username, phone=phone, password=PASSWORD)
    assert browser.path == "/confirm-phone", browser.text
    browser.send(code=last_code(browser, username))
    assert browser.path == "/household", browser.text


def add_person(browser: Browser, core: Core, name: str = "أمل الخيالية", relation: str = "self") -> None:
    """Add someone who may renew their passport."""
    browser.go("/household/add").send(
        relation=relation,
        name=name,
        national_number=eligible_number(core),
        birth_day="17",
        birth_month="5",
        birth_year="1990",
    )
    prove_newest_member(core)
    assert browser.path == "/household", browser.text


def come_back(browser: Browser, username: str, path: str) -> None:
    """Open a page after the session ended: sign in and be led back to it."""
    browser.go(path)
    assert browser.path.startswith("/sign-in"), browser.path
    browser.send(username=username, password=PASSWORD)
    assert browser.path == path, browser.text


def answer_until_review(browser: Browser, base: str = "/ask", offices: tuple[str, ...] = ("damascus",)) -> None:
    """Answer every question of a renewal."""
    browser.go(f"{base}/begin/passport-renewal")
    assert browser.path == f"{base}/people", browser.text
    member = re.search(r'name="people" value="(\d+)"', browser.text).group(1)
    browser.send(people=[member], reason="")
    assert browser.path == f"{base}/where", browser.text
    browser.send(**dict(zip(("first", "second", "third"), offices, strict=False)))
    assert browser.path == f"{base}/review", browser.text


def ask(browser: Browser, base: str = "/ask", offices: tuple[str, ...] = ("damascus",)) -> str:
    """Ask for a renewal and give the reference."""
    answer_until_review(browser, base, offices)
    browser.client.app.state.core.clock.advance(timedelta(seconds=90))  # nobody answers in no time
    browser.send()
    assert browser.path.startswith("/requests/"), browser.text
    return browser.path.partition("?")[0].removeprefix("/requests/")


def pass_challenge(browser: Browser, username: str) -> None:
    """Enter the code, where the request's page asks for one."""
    code = next((n for n, form in enumerate(browser.forms()) if form.action.endswith("/code")), None)
    if code is not None:
        browser.client.app.state.core.clock.advance(timedelta(seconds=1))  # its notice is later than all others
        browser.send(code)
        answer = next(n for n, form in enumerate(browser.forms()) if form.action.endswith("/challenge"))
        browser.send(answer, code=last_code(browser, username))
