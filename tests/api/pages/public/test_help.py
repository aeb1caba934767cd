"""Help is found by people's own words, leads somewhere, and says of keeping what the rules do."""

import re

import pytest

from api.i18n import load_words
from api.pages.public.help_topics import TOPICS, find_topics
from api.pages.public.site_map import SITE
from booking.desk.rights.erase import kept_for
from booking.eservices.online.originals import PAPERS_KEPT
from tests.api.pages.scales import WHO_MAY
from tests.booking.people.reaching.conftest import with_settings

pytestmark = pytest.mark.neighbours

OF_PROGRAMS_AND_WAYS_BACK = re.compile(
    r"/(api|static|open-data|draws|log|calls|check|sandbox|outbox|language|reset|reopen|helped)/|[{.]"
)
NO_WAYS_IN = {
    *("/livez", "/readyz", "/metrics", "/outbox", "/sign-out", "/sign-in/staff", "/sign-in/state", "/helped"),
    *("/readyz/worker", "/sign-in/staff/begin", "/sign-in/staff/return", "/sign-in/state/begin"),
    *("/sign-in/state/return", "/without-network/form", "/design", "/demo", "/demo/tour"),
}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("lost the draw", "no-place"),
        ("خسرت القرعة", "no-place"),
        ("سمسار", "sold"),
        ("broker", "sold"),
        ("ما عندي انترنت", "no-phone"),
        ("delete my account", "my-data"),
        ("الغاء الموعد", "cannot-come"),
        ("عاجل", "urgent"),
    ],
)
def test_a_question_is_found_in_peoples_own_words(core, words, code):
    found = find_topics(words, load_words(core.settings).values())
    assert code in [one.code for one in found]


def test_every_answer_leads_to_pages_that_are_there(browser):
    for way in sorted({href for one in TOPICS for href, _ in one.ways}):
        assert browser.go(way).status == 200, way


def test_the_search_for_services_answers_questions_too(browser):
    assert "/help/sold" in browser.go("/services?q=سمسار").text


def test_an_unknown_question_is_not_found(browser):
    assert browser.go("/help/nothing").status == 404


def test_the_site_map_lists_every_page_that_a_visitor_can_open():
    public = re.findall(r"^public\s+[A-Z ]*\bGET\b[A-Z ]*?\s(/\S*)$", WHO_MAY.read_text(encoding="utf-8"), re.MULTILINE)
    pages = {one for one in public if not OF_PROGRAMS_AND_WAYS_BACK.search(one)} - NO_WAYS_IN
    assert pages - {"/site-map"} == {href for _, links in SITE for href, _ in links}


def test_the_privacy_page_says_what_the_rules_do(core, browser):
    assert kept_for(core).online_papers == PAPERS_KEPT.days
    text = browser.go("/privacy").text
    for days in (kept_for(core).urgent_evidence, kept_for(core).online_draft, kept_for(core).closed_account):
        assert str(days) in text.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789"))


def test_the_components_are_shown_in_a_demonstration_only(core, browser):
    assert browser.go("/design").status == (200 if core.settings.show_outbox else 404)


def test_people_read_which_numbers_answer_phones_with_keys(core, browser):
    assert "USSD" not in browser.go("/contact").text
    with_settings(core, ussd_number="*1515#", voice_number="+963111515")
    shown = browser.go("/contact").text
    assert 'href="tel:%2A1515%23"' in shown
    assert 'href="tel:+963111515"' in shown
