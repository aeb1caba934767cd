"""An office is found by its place, and its page says how today is there."""

from datetime import UTC, datetime

import pytest

from booking.country.catalogue.views import find_office, list_offices, office_today


@pytest.mark.neighbours
@pytest.mark.parametrize("words", ["حلب", "aleppo", "alepo", "7alab"])
def test_an_office_is_found_by_its_city_however_it_is_typed(browser, words):
    assert "/offices/aleppo" in browser.go(f"/offices?q={words}").text


def test_words_that_name_no_office_say_so(browser):
    assert "/offices/aleppo" not in browser.go("/offices?q=xxxxxx").text
    assert browser.status == 200


def test_every_office_has_a_page_that_leads_to_a_map(core, browser):
    for office in list_offices(core)[::9]:
        text = browser.go(f"/offices/{office.code}").text
        assert f"geo:{office.latitude},{office.longitude}" in text
    assert browser.go("/offices/nowhere").status == 404


def test_an_office_is_open_by_its_own_clock(core, clock):
    damascus = find_office(core, "damascus")
    clock.set(datetime(2026, 11, 24, 6, 0, tzinfo=UTC))  # Tuesday, 9:00 there
    assert office_today(core, damascus).closes_at.hour == 14
    clock.set(datetime(2026, 11, 24, 11, 30, tzinfo=UTC))
    assert office_today(core, damascus).closes_at is None
    clock.set(datetime(2026, 11, 27, 6, 0, tzinfo=UTC))  # Friday
    assert office_today(core, damascus).closes_at is None
