"""Wherever people choose or compare offices of the Syrian pack, no two of them read the same, in either language."""

import re
from collections import Counter
from html import unescape

import pytest

from booking.country.catalogue import views as catalogue
from booking.platform.models.states import Role
from tests.api.pages.people import add_person, register

pytestmark = pytest.mark.neighbours

SELECT = re.compile(r"<select\b[^>]*>(.*?)</select>", re.DOTALL)
TEXT = re.compile(r"<option[^>]*>(.*?)</option>", re.DOTALL)
LINK = re.compile(r'<a href="/instant/home/passport-renewal/[^"]+">.*?<strong>(.*?)</strong>', re.DOTALL)
MANY = 10


def lists_of(page: str) -> list[list[str]]:
    """The texts of every select, and of the offices where a time can be booked at once."""
    return [*(TEXT.findall(one) for one in SELECT.findall(page)), LINK.findall(page)]


def same(page: str) -> list[str]:
    long = [texts for texts in lists_of(page) if len(texts) > MANY]
    assert long, "this page lists no offices"
    return [text for texts in long for text, count in Counter(map(unescape, texts)).items() if count > 1]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_two_offices_of_a_citizens_list_read_the_same(browser, core, language):
    register(browser)
    add_person(browser, core)
    browser.go(f"/language/{language}")
    assert same(browser.go("/instant/home/passport-renewal").text) == []
    for base, country in (("/ask", ""), ("/abroad", "?country=DE")):
        browser.go(f"{base}/begin/passport-renewal{country}").send(reason="")
        assert browser.path == f"{base}/where", browser.text
        assert same(browser.text) == [], base


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_two_offices_of_a_staff_list_read_the_same(staff, core, language):
    for role, paths in (
        (Role.ADMINISTRATOR, ["/admin/staff/new"]),
        (Role.ANALYST, ["/analyst/figures/offices", "/analyst/forecast"]),
    ):
        browser = staff(role, None).go(f"/language/{language}")
        for path in paths:
            assert same(browser.go(path).text) == [], path
    places = [core.languages[language].place(one) for one in catalogue.list_offices(core)]
    assert len(set(places)) == len(places), "charts and maps compare these"
