"""Pages that are kept for all who look: nobody's own is in them, nobody can poison them, and they do not grow old."""

import asyncio
import gzip
import re
from datetime import timedelta

import pytest

from booking.country.core import sessions
from booking.opening import open_core
from booking.platform.models.states import Role
from booking.scheduling.requests.ask import ask
from tests.support.country import a_member, a_wish, an_account, an_origin, cheap_settings
from tests.support.roles import as_app

KEPT = timedelta(minutes=1)
SEEN = ("/", "/draws", "/draws/2026-11-02", "/services", "/services/passport-renewal", "/how", "/waiting-times")
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
def core(country_url, redis_url, clock):
    """A whole country that keeps its pages for a minute, by a clock that stands still."""
    settings = cheap_settings(show_outbox=True, public_pages_kept=KEPT)
    with open_core(settings, database_url=as_app(country_url), redis_url=redis_url, clock=clock) as core:
        yield core


def without_token(page):
    return TOKEN.sub("", page)


def test_a_page_is_filled_once_for_all_until_its_seconds_are_over(app, browser, new_browser, clock, a_draw):
    before = {path: without_token(browser.go(path).text) for path in ("/", "/draws")}
    kept = len(app.state.kept_pages.filled._kept)
    a_draw()

    assert {path: without_token(new_browser().go(path).text) for path in before} == before
    assert len(app.state.kept_pages.filled._kept) == kept == 2
    clock.advance(KEPT)
    assert "/draws/2026-11-02" in browser.go("/draws").text
    assert without_token(browser.go("/").text) != before["/"]


HOSTILE = [
    {"headers": {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}},
    {"headers": {"accept-language": "evil", "accept-encoding": "gzip, evil", "x-original-url": "/evil"}},
    {"headers": {"cookie": "mawid_language=evil; mawid=~evil; mawid_device=evil; did=signed-out; tour=1"}},
    {"headers": {"cookie": "did=edited.evil"}},
    {"headers": {"cookie": "tour=2"}},
    {"headers": {"authorization": "Bearer evil"}},
    {"params": {"evil": "<b>", "q": "evil", "new": "1"}},
]


def test_nothing_that_one_visitor_sends_is_in_the_page_of_the_next(new_browser, a_draw, clock):
    a_draw()
    clock.advance(KEPT)  # within the last day, of which the first page counts the hours
    clean = {path: without_token(new_browser().go(path).text) for path in SEEN}
    for hostile in HOSTILE:
        clock.advance(KEPT)  # the attacker is the first to look
        attacker, next_one = new_browser(), new_browser()
        for path, page in clean.items():
            assert attacker.client.get(path, **hostile).status_code == 200
            seen = next_one.go(path)
            assert without_token(seen.text) == page, (path, hostile)
            assert "evil" not in str(seen.response.headers)


def test_each_visitor_sees_their_own_page_and_sends_their_own_form(core, new_browser, sign_in, staff, a_draw):
    a_draw()
    officer, citizen, one, other = staff(Role.OFFICER), sign_in(an_account(core)), new_browser(), new_browser()
    for path in SEEN:
        pages = {who: who.go(path).text for who in (officer, citizen, one, other)}
        assert 'href="/desk"' in pages[officer], path
        assert 'href="/household"' in pages[citizen], path
        assert 'href="/desk"' not in pages[citizen], path
        for stranger in (one, other):
            assert 'href="/sign-in"' in pages[stranger], path
            assert 'href="/me' not in pages[stranger], path
        assert without_token(pages[one]) == without_token(pages[other]), path
    tokens = {who: TOKEN.search(who.go("/").text)[1] for who in (officer, citizen, one, other)}
    assert len(set(tokens.values())) == len(tokens)
    sent = {"document": "none"}
    assert one.post("/check", sent | {"csrf": tokens[one]}).status == 422, "no document has this number"
    assert one.post("/check", sent | {"csrf": tokens[other]}).status != 422


def test_a_page_that_did_not_change_is_not_sent_again(browser, clock, a_draw):
    client = browser.client
    first = client.get("/draws", headers={"accept-encoding": "identity"})
    zipped = client.get("/draws", headers={"accept-encoding": "gzip"})
    assert first.headers["cache-control"] == zipped.headers["cache-control"] == "private, no-cache"
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.text == first.text
    assert int(zipped.headers["content-length"]) == len(gzip.compress(first.content, mtime=0)) < len(first.content) / 2
    tags = first.headers["etag"], zipped.headers["etag"]
    assert tags[0] != tags[1]
    for tag, encoding in zip(tags, ("identity", "gzip"), strict=True):
        again = client.get("/draws", headers={"if-none-match": tag, "accept-encoding": encoding})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-length" not in again.headers
    assert client.get("/draws", headers={"if-none-match": tags[0], "accept-encoding": "gzip"}).status_code == 200
    a_draw()
    clock.advance(KEPT)
    assert client.get("/draws", headers={"if-none-match": tags[0], "accept-encoding": ""}).status_code == 200
    assert client.get("/", headers={"if-none-match": "*"}).headers["cache-control"] == "no-store", "it has a form"


def test_what_somebody_does_is_on_their_own_pages_at_once(core, sign_in, a_draw):
    a_draw()
    account = an_account(core)
    citizen, member = sign_in(account), a_member(core, account)
    assert "/requests/" not in citizen.go("/").text
    reference = ask(core, account_id=account, wish=a_wish((member,)), origin=an_origin()).reference
    assert f"/requests/{reference}" in citizen.go("/").text
    assert citizen.go("/draws").response.headers["cache-control"] == "no-store"
    assert "etag" not in citizen.response.headers


def test_an_address_that_has_no_page_is_looked_for_each_time(app, browser):
    assert browser.client.get("/draws/none").status_code == browser.client.get("/services/none").status_code == 404
    assert not app.state.kept_pages.filled._kept


def test_a_session_that_is_over_is_looked_for_in_no_event_loop(browser, monkeypatch):
    """Each such call made all others of the process wait for the store, however slow that was."""
    where = []

    def read_all(wanted, read_all=sessions.read_all):
        where.append(asyncio._get_running_loop())
        return read_all(wanted)

    monkeypatch.setattr(sessions, "read_all", read_all)
    for path, cookies in (("/how?x=1", ""), ("/how", "did=signed-out; ")):
        page = browser.client.get(path, headers={"cookie": f"{cookies}mawid={'x' * 43}"})
        assert page.status_code == 200
    assert where == [None, None]
