"""Steps that people take in a browser, shared by several tests."""

import re
from datetime import timedelta
from uuid import UUID

from api.deps import LANGUAGE_COOKIE, session_cookie
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.entrypoints.demo.actor import do_what_was_asked
from booking.people.accounts.begin_session import log_in
from booking.people.accounts.household import list_members
from booking.platform.models import Account
from booking.platform.models.states import Door
from booking.scheduling.requests import ask as request
from tests.api.pages.browser import Browser
from tests.support.country import (
    PASSWORD,
    a_member,
    a_wish,
    an_account,
    an_origin,
    eligible_number,
    prove_newest_member,
)


def last_code(browser: Browser, username: str) -> str:
    """Read the code from the last notice to a user, as the demonstration's outbox shows it."""
    do_what_was_asked(browser.client.app.state.core)
    page = browser.client.get("/outbox", params={"username": username}).text
    return re.search(r"\b(\d{6})\b", page).group(1)


def register(browser: Browser, username: str = "amal", phone: str = "0944 123 456", door: str = "home") -> None:
    """Sit somebody down whose account has a confirmed phone, at their household; the pages are another test's way."""
    core = browser.client.app.state.core
    language = browser.client.cookies.get(LANGUAGE_COOKIE, "ar")
    account_id = an_account(core, door=Door(door), language=language, username=username, phone=phone)
    with core.sessions() as session:
        begun = log_in(core, session.get_one(Account, account_id), device="")
    browser.given(session_cookie(core.settings), begun.token).go("/household")
    assert browser.path == "/household", browser.text


def register_on_pages(
    browser: Browser, username: str = "amal", phone: str = "0944 123 456", door: str = "home"
) -> None:
    """Open an account and confirm its phone."""
    browser.go(f"/register?door={door}").send(username=username, phone=phone, password=PASSWORD)
    assert browser.path == "/confirm-phone", browser.text
    browser.send(code=last_code(browser, username))
    assert browser.path == "/household", browser.text


def account_of(browser: Browser) -> UUID:
    """Return whose account is signed in."""
    core = browser.client.app.state.core
    return sessions.read(core, browser.client.cookies[session_cookie(core.settings)]).account_id


def add_person(browser: Browser, core: Core, name: str = "أمل الخيالية", relation: str = "self") -> None:
    """Give the household someone who may renew their passport, without the page for it."""
    a_member(core, account_of(browser), name=name, relation=relation, proven=False)
    prove_newest_member(core)
    browser.go("/household")


def add_person_on_pages(browser: Browser, core: Core) -> None:
    """Add someone who may renew their passport."""
    browser.go("/household/add").send(
        relation="self",
        name="أمل الخيالية",
        national_number=eligible_number(core),
        birth_day="17",
        birth_month="5",
        birth_year="1990",
    )
    prove_newest_member(core)
    assert browser.path == "/household", browser.text


def has_asked(browser: Browser) -> str:
    """Have a renewal asked for, for the first person of the household, without pages; return the reference."""
    core, account_id = browser.client.app.state.core, account_of(browser)
    member = list_members(core, account_id=account_id)[0].id
    return request.ask(core, account_id=account_id, wish=a_wish((member,)), origin=an_origin()).reference


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
