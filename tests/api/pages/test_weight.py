"""Every page of a citizen, with its style and script, is small enough for an old phone on a slow network."""

import gzip

import pytest

from api.pages.static import read_static
from tests.api.pages import people

LIGHT = 15 * 1024


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_of_a_citizen_is_under_15_kilobytes(browser, core, a_draw, draw_it, language):
    browser.go(f"/language/{language}")
    reference = a_draw()
    people.register(browser)
    people.add_person(browser, core)
    request = people.ask(browser)
    draw_it(reference)
    people.come_back(browser, "amal", f"/requests/{request}")
    appointment = browser.text.partition('href="/appointments/')[2].partition('"')[0]
    browser.go(f"/appointments/{appointment}").send()
    shared = len(gzip.compress(read_static("mawid.css"))) + len(gzip.compress(read_static("mawid.js")))
    pages = [
        *("/", "/how", "/draws", f"/draws/{reference}", "/services", "/services/passport-renewal", "/offices"),
        *("/ask", "/ask/service", "/abroad", "/instant", "/instant/home/passport-renewal"),
        *("/instant/home/passport-renewal/damascus", "/register", "/sign-in", "/me", "/household"),
        *(f"/requests/{request}", f"/appointments/{appointment}", f"/appointments/{appointment}/pass"),
    ]
    for path in pages:
        browser.go(path)
        assert browser.status == 200, path
        assert len(gzip.compress(browser.text.encode())) + shared < LIGHT, path


def test_style_and_script_come_compressed_and_stay_in_the_browser(browser):
    for name in ("mawid.css", "mawid.js"):
        answer = browser.client.get(f"/static/{name}", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.content == read_static(name)
        assert "immutable" in answer.headers["cache-control"]
        plain = browser.client.get(f"/static/{name}", headers={"accept-encoding": "identity"})
        assert plain.content == read_static(name)
