"""What pages promise to everyone: forms that come back, and other people's things as unknown as none.

Who may see what is in ``tests/api/who_may.txt``.
"""

import html
import re

import pytest
from fastapi.routing import iter_route_contexts

from tests.api.pages import people

BY_SCRIPTS = {"/analyst/quotas/check", "/analyst/rules/check", "/requests/{reference}/urgent/uploads"}
OF_PROGRAMS = {"/log/cosignatures", "/log/parts"}


@pytest.mark.neighbours
def test_every_form_can_be_opened_again_where_it_was_sent(app):
    pages = [one for one in iter_route_contexts(app.routes) if one.path and not one.path.startswith("/api/")]
    opened, sent = ({one.path for one in pages if method in one.methods} for method in ("GET", "POST"))
    assert len(sent) > 20
    assert sent - BY_SCRIPTS - OF_PROGRAMS <= opened


def test_requests_and_people_of_others_look_unknown(core, new_browser, a_draw):
    a_draw()
    owner, stranger = new_browser(), new_browser()
    people.register(owner)
    people.add_person(owner, core)
    reference = people.has_asked(owner)
    member = re.search(r"/household/(\d+)/remove", owner.go("/household").text).group(1)
    people.register(stranger, username="karim", phone="0944999888")

    unknown = stranger.go("/requests/7K2M9D4QX")
    kept = stranger.text
    for path in (f"/requests/{reference}", f"/requests/{reference}/withdraw", f"/household/{member}/remove"):
        assert stranger.go(path).status == 404
    assert unknown.status == 404
    assert re.sub(r'back=[^"]*', "", stranger.go(f"/requests/{reference}").text) == re.sub(r'back=[^"]*', "", kept)


def test_the_outbox_exists_only_when_the_settings_show_it(core, monkeypatch, browser):
    object.__setattr__(core, "settings", core.settings.model_copy(update={"show_outbox": False}))
    assert browser.go("/outbox").status == 404


@pytest.mark.neighbours
def test_switching_language_keeps_page_and_query_on_our_own_site(browser):
    browser.go("/services?q=passport&page=%22%3E%3Cb%3E")
    link = re.search(r'href="(/language/en[^"]*)"', browser.text).group(1)
    assert "<b>" not in browser.text
    browser.go(html.unescape(link))
    assert browser.path == "/services?q=passport&page=%22%3E%3Cb%3E"
    browser.go(f"/services?q={'x' * 600}")
    assert 'href="/language/ar?back=/services"' in browser.text
    for elsewhere in (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "//[",
        "javascript:x",
    ):
        answer = browser.client.get("/language/en", params={"back": elsewhere})
        assert (answer.status_code, answer.headers.get("location")) == (303, "/"), elsewhere
