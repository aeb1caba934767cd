"""One shows who one is, one question a page; all refusals read the same, and one comes back to where one was."""

import re

import pytest

from booking.people.registers.synthetic import CODE, Enrolled, serial_of
from booking.platform.models.identity import ProofKind
from tests.api.pages import people
from tests.support.country import BORN, eligible_number

pytestmark = pytest.mark.neighbours

NAME = "أمل الخيالية"


@pytest.fixture
def number(core):
    number = eligible_number(core)
    core.register.enrol(number, Enrolled(NAME, BORN))
    return number


@pytest.fixture
def amal(browser, number):
    """Somebody who typed her details and showed nothing yet."""
    people.register(browser)
    add(browser, number)
    return browser


def add(browser, number, name=NAME, relation="self", year=1990):
    browser.go("/household/add").send(
        relation=relation, name=name, national_number=number, birth_day="17", birth_month="5", birth_year=str(year)
    )
    assert browser.path == "/household", browser.text


def prove(browser, which=-1):
    """The address of the proofs of one of the people."""
    members = re.findall(r"/household/(\d+)/remove", browser.go("/household").text)
    return f"/household/{members[which]}/prove"


def test_the_number_of_the_card_proves_and_leads_back(amal, number):
    page = prove(amal)
    amal.go(f"{page}?next=/ask").send(way="card")
    assert amal.path == f"{page}/card?next=/ask"
    amal.send(serial=serial_of(number, ProofKind.CARD))
    assert amal.path.startswith("/ask"), amal.text
    assert "ثبت بوثيقة" in amal.go(page).text


def test_every_refusal_has_the_same_words_and_keeps_what_was_typed(amal, number, core):
    answers = set()
    add(amal, eligible_number(core), name="شخص آخر", relation="other")  # no such name in the register
    for which, way, typed in ((0, "card", "C00000001"), (0, "passport", "P00000001"), (1, "card", "C00000001")):
        amal.go(f"{prove(amal, which)}/{way}").send(serial=typed)
        assert amal.status == 422
        assert f'value="{typed}"' in amal.text
        answers.add(re.search(r'id="error-summary">.*?</div>', amal.text, re.DOTALL).group())
    assert len(answers) == 1
    amal.go(f"{prove(amal, 0)}/card").send(serial=" ")
    assert 'href="#serial"' in amal.text


def test_a_code_to_the_registers_phone_proves(amal):
    page = prove(amal)
    amal.go(f"{page}?next=/plan").send(way="phone")
    amal.send()
    assert amal.path == f"{page}/phone?sent=1&next=/plan"
    amal.send(code="111111")
    assert amal.status == 422
    amal.send(code=CODE)
    assert amal.path == "/plan", amal.text


def test_a_code_for_a_number_without_a_phone_looks_sent(browser, core):
    people.register(browser)
    number = eligible_number(core)
    core.register.enrol(number, Enrolled(NAME, BORN, phone=False))
    add(browser, number)
    page = prove(browser)
    browser.go(f"{page}/phone").send()
    assert (browser.status, browser.path) == (200, f"{page}/phone?sent=1")


def test_a_childs_guardian_needs_no_paper(amal, number, core):
    child = eligible_number(core)
    core.register.enrol(child, Enrolled("ليلى الخيالية", BORN.replace(year=2019), guardians=(number,)))
    add(amal, child, name="ليلى الخيالية", relation="child", year=2019)
    page = prove(amal)
    assert 'value="guardian"' in amal.go(page).text
    amal.send(way="guardian").send()
    assert amal.status == 422  # the mother has not shown who she is
    amal.go(f"{prove(amal, 0)}/card").send(serial=serial_of(number, ProofKind.CARD))
    assert 'value="guardian"' not in amal.go(prove(amal, 0)).text
    amal.go(page).send(way="guardian").send()
    assert amal.path == page
    assert "ثبت بوثيقة" in amal.text


def test_the_code_for_a_counter_is_shown_with_the_offices_hours(amal):
    page = prove(amal)
    amal.go(page).send(way="counter")
    assert "09:00" in amal.text or "08:00" in amal.text
    assert re.search(r"\b\d{6}\b", re.search(r"<main.*</main>", amal.text, re.DOTALL).group()) is None
    amal.send()
    assert re.search(r'class="big"><strong><bdi dir="ltr">\d{6}<', amal.text)
    assert amal.path == f"{page}/counter"


def test_no_way_chosen_is_asked_again_and_an_unknown_one_is_not_found(amal):
    page = prove(amal)
    amal.go(page).send(way="horoscope")
    assert (amal.status, 'href="#way"' in amal.text) == (422, True)
    assert amal.go(f"{page}/horoscope").status in {404, 422}


def test_nobody_opens_the_page_of_another_accounts_person(amal, new_browser):
    page = prove(amal)
    stranger = new_browser()
    people.register(stranger, "karim", "0944 654 321")
    for path in (page, f"{page}/card", f"{page}/phone", f"{page}/guardian", f"{page}/counter"):
        assert stranger.go(path).status == 404
    own = stranger.go("/household/add").forms()[0].fields
    for way in ("card", "phone", "guardian", "counter"):
        assert stranger.post(f"{page}/{way}", {"csrf": own["csrf"], "serial": "C1", "code": "1"}).status == 404
    assert stranger.post(page, {"csrf": own["csrf"], "way": "x"}).status == 404


def test_next_leads_to_no_other_site(amal, number):
    page = prove(amal)
    amal.go(f"{page}/card?next=//evil.example").send(serial=serial_of(number, ProofKind.CARD))
    assert amal.path == page
